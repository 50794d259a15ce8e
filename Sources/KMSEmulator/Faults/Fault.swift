package import Foundation

/// What goes wrong with a call, as it can with AWS.
package enum Fault: Hashable, Sendable {
    /// Refused for the pace; nothing happens.
    case throttle
    /// Refused under AWS's name for it; nothing happens.
    case error(String)
    /// The service's own trouble, HTTP 500 to 599: before anything happens, or after it has.
    case status(Int, afterEffect: Bool)
    /// What was asked for happens, and the answer comes so many milliseconds later.
    case delay(milliseconds: Int)
    /// What was asked for happens, and the connection is closed without an answer.
    case loseAnswer
    /// The connection is closed before anything happens.
    case reset
    /// The answer's Date is so many seconds ahead of the service's time.
    case date(seconds: TimeInterval)
    /// What only reads is answered as things stood before.
    case lag(Lag)
}

/// How far an answer lags behind, on a service that is eventually consistent.
package enum Lag: Hashable, Sendable {
    /// Of the service's time.
    case seconds(TimeInterval)
    /// Of calls, whatever they ask.
    case calls(Int)
}

extension Fault {
    /// The members of a rule that say what goes wrong.
    static let members = ["fault", "name", "status", "afterEffect", "milliseconds", "seconds", "calls"]

    private enum Kind: String, Decodable {
        case throttle
        case error
        case status
        case delay
        case loseAnswer = "lose-answer"
        case reset
        case date
        case lag
    }

    /// - Returns: The fault, and the members that belong to it.
    static func read(_ members: KeyedDecodingContainer<MemberName>) throws -> (fault: Fault, members: [String]) {
        switch try members.decode(Kind.self, forKey: "fault") {
        case .throttle: return (.throttle, [])
        case .error:
            let name = try members.decode(String.self, forKey: "name")
            try members.require("name", name.wholeMatch(of: /[A-Za-z]{1,64}/) != nil, "must be AWS's name of an error")
            return (.error(name), ["name"])
        case .status:
            let status = try members.decode(Int.self, forKey: "status")
            try members.require("status", (500...599).contains(status), "must be from 500 to 599")
            let isAfter = try members.decodeIfPresent(Bool.self, forKey: "afterEffect") ?? false
            return (.status(status, afterEffect: isAfter), ["status", "afterEffect"])
        case .delay:
            let milliseconds = try members.decode(Int.self, forKey: "milliseconds")
            try members.require("milliseconds", (1...600_000).contains(milliseconds), "must be from 1 to 600000")
            return (.delay(milliseconds: milliseconds), ["milliseconds"])
        case .loseAnswer: return (.loseAnswer, [])
        case .reset: return (.reset, [])
        case .date:
            let seconds = try members.decode(Double.self, forKey: "seconds")
            try members.require("seconds", abs(seconds) <= 1e9, "must be at most 1000000000 either way")
            return (.date(seconds: seconds), ["seconds"])
        case .lag: return (.lag(try Lag(members)), ["seconds", "calls"])
        }
    }
}

extension Lag {
    init(_ members: KeyedDecodingContainer<MemberName>) throws {
        let seconds = try members.decodeIfPresent(Double.self, forKey: "seconds")
        switch (seconds, try members.decodeIfPresent(Int.self, forKey: "calls")) {
        case (let seconds?, nil):
            try members.require("seconds", (0...1e6).contains(seconds), "must be from 0 to 1000000")
            self = .seconds(seconds)
        case (nil, let calls?):
            try members.require("calls", (0...1_000_000).contains(calls), "must be from 0 to 1000000")
            self = .calls(calls)
        default:
            throw DecodingError.dataCorrupted(
                .init(codingPath: members.codingPath, debugDescription: "a lag is either of seconds or of calls"))
        }
    }
}
