import Foundation
import TestSupport
import Testing

/// What `keyrite status --format json` says, as a script reads it.
struct StatusReport: Decodable {
    struct Next: Decodable, Equatable {
        let gate: String?
        let attempt: Int?
        let who: [String]
        var signed: [String] = []
        var run = false
    }
    struct Slot: Decodable {
        let slot: String
        let done: [String]
    }
    let schema: String
    let closed: Bool
    let passed: [String]
    let next: Next
    let slots: [Slot]

    init(_ outcome: ProcessOutcome) throws {
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        self = try JSONDecoder().decode(Self.self, from: Data(outcome.stdout))
        try #require(schema == "keyrite.status/1")
    }
}
