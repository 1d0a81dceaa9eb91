// The story: every chapter, each a title and its steps in order. A step is told to Truffle's mocha and to node:test alike.
const chapters = [
  require('./domain.js'),
  require('./authors.js'),
  require('./patients.js'),
  require('./relays.js'),
  require('./managers.js'),
  require('./registrar.js'),
  require('./delegations.js'),
  require('./emergencies.js'),
  require('./decisions.js'),
  require('./accounts.js'),
  require('./whole.js'),
]

/** Tells the story with a runner's `describe` and `it`, in the world that is there once the tests run. */
function tell({ describe, it }, world) {
  for (const { title, steps } of chapters) {
    describe(title, () => {
      for (const [name, step] of Object.entries(steps)) it(name, () => step(world()))
    })
  }
}

module.exports = { tell }
