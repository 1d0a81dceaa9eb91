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
  'geth, Cancun': geth && (() => startGeth(geth, 'cancun')),
  'geth, Prague': geth && (() => startGeth(geth, 'prague')),
}

describe('HealthRecord', { concurrency: true }, () => {
  for (const [name, start] of Object.entries(nodes)) {
    if (!start) {
      it(name, { skip: 'HEALTHRECORD_GETH names no program' })
      continue
    }
    describe(name, { concurrency: false }, () => {
      let world
      before(async () => {
        world = await worlds.World.deploy(await start())
      })
      after(() => world.node.stop())
      story.tell({ describe, it }, () => world)
    })
  }
})
