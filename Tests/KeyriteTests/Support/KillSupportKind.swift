import Evidence
import Testing

/// A kind of ceremony to be killed.
struct KillKind: Sendable, CustomTestStringConvertible {
    /// What holds its keys.
    enum Token: Sendable {
        /// SoftHSM, behind the room's server.
        case served
        /// SoftHSM, whose module a child of each process holds: for key pairs, which the server's protocol does not carry.
        case hosted
        /// A token of another make, which wraps by itself. It makes no key pairs that KMS takes.
        case openCryptoki
    }

    let strategy: Strategy
    /// What its keys are, at most four.
    let keySpecs: [KeySpec]
    /// Whether the release is signed for the activation too.
    let folds: Bool
    let token: Token
    /// Whether two hosts hold it, one with the HSM and one with the network, between which its folder is carried.
    let isAcrossGap: Bool

    init(
        strategy: Strategy, keySpec: KeySpec = .symmetric, keys: Int = 1, folds: Bool = false, token: Token = .served
    ) {
        self.init(strategy, Array(repeating: keySpec, count: keys), folds: folds, token: token)
    }

    init(
        _ strategy: Strategy, _ keySpecs: [KeySpec], folds: Bool = false, token: Token = .served,
        isAcrossGap: Bool = false
    ) {
        self.strategy = strategy
        self.keySpecs = keySpecs
        self.folds = folds
        self.token = token
        self.isAcrossGap = isAcrossGap
    }

    var testDescription: String {
        let keys = keySpecs.map(\.rawValue).joined(separator: ", ")
        let place = isAcrossGap ? " across an air gap" : token == .openCryptoki ? " on opencryptoki" : ""
        return "\(strategy.rawValue) \(keys)\(folds ? ", activation folded into the release" : "")\(place)"
    }

    /// What random kills are spread over.
    static let all = [
        KillKind(strategy: .rotate), KillKind(strategy: .replace), KillKind(strategy: .import, keySpec: .hmac256),
        KillKind(strategy: .rotate, folds: true), KillKind(strategy: .rotate, keys: 2),
        KillKind(strategy: .import), KillKind(strategy: .replace, keySpec: .hmac256), KillKind(strategy: .revoke),
        KillKind(strategy: .reimport),
    ]

    /// What is killed at every checkpoint: each strategy with each kind of key that it takes, one and several.
    static let onSoftHSM = [
        KillKind(.rotate, [.symmetric]), KillKind(.reimport, [.symmetric]),
        KillKind(.replace, [.symmetric]), KillKind(.replace, [.hmac256]),
        KillKind(.replace, [.rsa2048], token: .hosted), KillKind(.replace, [.p256], token: .hosted),
        KillKind(.replace, [.symmetric, .hmac256, .rsa2048, .p256], token: .hosted),
        KillKind(.import, [.symmetric, .hmac256, .rsa2048, .p256], token: .hosted),
        KillKind(.rotate, [.symmetric, .symmetric]), KillKind(.rotate, [.symmetric], folds: true),
        KillKind(.revoke, [.symmetric]), KillKind(.revoke, [.symmetric, .symmetric]),
        KillKind(.reimport, [.symmetric, .symmetric]),
    ]

    /// The same on a token of another make.
    static let onOpenCryptoki = [
        KillKind(.rotate, [.symmetric], token: .openCryptoki),
        KillKind(.replace, [.symmetric, .hmac256], token: .openCryptoki),
        KillKind(.reimport, [.symmetric], token: .openCryptoki),
    ]

    /// The same by two hosts.
    static let acrossGap = [
        KillKind(.rotate, [.symmetric], isAcrossGap: true),
        KillKind(.replace, [.hmac256, .p256], token: .hosted, isAcrossGap: true),
        KillKind(.reimport, [.symmetric], isAcrossGap: true), KillKind(.revoke, [.symmetric], isAcrossGap: true),
    ]
}
