/// The steps of a ceremony, in their order; the gates stand among them.
package enum Step: String, CaseIterable, Sendable {
    case authorize
    case generate
    case fetch
    case release
    case wrap
    case `import`
    case prove
    case activate
    case rotate
    case settle
    case close
}
