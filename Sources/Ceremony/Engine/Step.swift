package import Evidence

/// The steps of a ceremony, in their order; the gates stand among them.
package enum Step: String, CaseIterable, Sendable {
    case authorize
    case generate
    /// Makes the KMS keys that replace others.
    case create
    case fetch
    case release
    case wrap
    case `import`
    case prove
    case activate
    case rotate
    /// Makes or moves the aliases of what is imported first, or replaced.
    case alias
    /// Deletes material.
    case revoke
    case settle
    case close
}

extension Step {
    /// The side of an air gap that takes this step; nil where either does.
    package var side: Side? {
        switch self {
        case .authorize, .close: nil
        case .generate, .wrap, .settle: .hsm
        case .create, .fetch, .release, .import, .prove, .activate, .rotate, .alias, .revoke: .connected
        }
    }

    /// Whether a plan has anything to do in this step.
    package func isPart(of plan: Plan) -> Bool {
        switch self {
        case .revoke: plan.isRevocation
        case .authorize, .close: true
        case .activate: !plan.isReimport
        case _ where plan.isRevocation: false
        case .create: plan.slots.contains { $0.strategy == .replace }
        case .rotate: plan.slots.contains { $0.strategy == .rotate }
        case .alias: plan.slots.contains { $0.strategy == .import || $0.strategy == .replace }
        case .prove: plan.slots.contains { $0.purposes.contains(.proof) }
        default: true
        }
    }
}
