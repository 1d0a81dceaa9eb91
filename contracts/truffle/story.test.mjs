// The story on nodes that Truffle does not start: Anvil on its latest hardfork, and geth where HEALTHRECORD_GETH names
// one. The contract is there as the artifact has it.
import { after, before, describe, it } from 'node:test'
import { startAnvil } from '../tools/nodes.mjs'
import story from './story/index.js'
import worlds from './story/world.js'

const nodes = { 'Anvil, latest': startAnvil }

for (const [name, start] of Object.entries(nodes)) {
  describe(name, () => {
    let world
    before(async () => {
      world = await worlds.World.deploy(await start())
    })
    after(() => world.node.stop())
    story.tell({ describe, it }, () => world)
  })
}
