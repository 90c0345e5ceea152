// Package model holds no code that ships: its tests are a model of the ledger,
// and an explorer that walks through all that can happen to it.
//
// The model has the store's rows, what each daemon has in its memory and in its
// journal, the relay and the receivers, each as plain values. A step is what
// one of them, a person, the clock or an accident does next, as fine as the
// code's own transactions and writes are. The explorer takes every step in
// every state, breadth first, within the bounds of a scenario: how many
// crashes, kills, lost answers and so on there may be. After each step it holds
// rules 1 to 4 of docs/architecture.md against what happened, and in the end
// that every copy came to its end. A rule that is broken it shows as the
// shortest way there.
//
// Two more things make it more than paper. Each fault of a list, put into the
// model, must be found. And random walks through the model are done to a real
// store and real journals, which must stand as the model does after every step.
//
// docs/model.md says what is modelled and what is not.
package model
