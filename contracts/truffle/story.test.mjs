// The story on nodes that Truffle does not start: Anvil on its latest hardfork, and geth where HEALTHRECORD_GETH names
// one. The contract is there as the artifact has it.
import { after, before, describe, it } from 'node:test'
import { startGeth } from '../tools/geth.mjs'
import { startAnvil } from '../tools/nodes.mjs'
import story from './story/index.js'
import worlds from './story/world.js'

const geth = process.env.HEALTHRECORD_GETH
const nodes = {
  'Anvil, latest': startAnvil,
  'geth, Shanghai': geth && (() => startGeth(geth, 'shanghai')),
  'geth, Prague': geth && (() => startGeth(geth, 'prague')),
}

for (const [name, start] of Object.entries(nodes)) {
  describe(name, { skip: !start && 'HEALTHRECORD_GETH names no program' }, () => {
    let world
    before(async () => {
      world = await worlds.World.deploy(await start())
    })
    after(() => world.node.stop())
    story.tell({ describe, it }, () => world)
  })
}
