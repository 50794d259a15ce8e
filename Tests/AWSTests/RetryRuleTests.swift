import AWS
import Testing

@Suite("When a question is asked again")
struct RetryRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let failure: RetryRule.Failure
        let idempotent: RetryRule.Step
        let unrepeatable: RetryRule.Step
        let testDescription: String

        init(_ name: String, _ failure: RetryRule.Failure, _ idempotent: RetryRule.Step, _ unrepeatable: RetryRule.Step)
        {
            (testDescription, self.failure) = (name, failure)
            (self.idempotent, self.unrepeatable) = (idempotent, unrepeatable)
        }
    }

    static func refused(
        _ code: String, _ status: Int = 400, retryAfter: Double? = nil, skew: Double? = nil
    ) -> RetryRule.Failure {
        .refused(
            ServiceError(operation: "X", code: .init(rawValue: code), message: "", status: status),
            retryAfter: retryAfter, skew: skew)
    }

    static let cases = [
        Case("no connection", .notSent, .wait(0.05), .wait(0.05)),
        Case("a stranger's certificate", .untrusted, .giveUp, .giveUp),
        Case("a lost answer", .lost, .wait(0.05), .giveUp),
        Case("throttling", refused("ThrottlingException"), .wait(1), .wait(1)),
        Case("throttling by another name", refused("RequestLimitExceeded"), .wait(1), .wait(1)),
        Case("HTTP 429 of no known name", refused("Busy", 429), .wait(1), .wait(1)),
        Case("throttling that says 503", refused("ThrottlingException", 503), .wait(1), .wait(1)),
        Case("a spent budget", refused("LimitExceededException"), .giveUp, .giveUp),
        Case("a spent budget with 429", refused("LimitExceededException", 429), .giveUp, .giveUp),
        Case("HTTP 500", refused("KMSInternalException", 500), .wait(0.05), .giveUp),
        Case("HTTP 502", refused("unnamed", 502), .wait(0.05), .giveUp),
        Case("HTTP 503", refused("DependencyTimeoutException", 503), .wait(0.05), .giveUp),
        Case("HTTP 504", refused("unnamed", 504), .wait(0.05), .giveUp),
        Case("HTTP 501", refused("unnamed", 501), .giveUp, .giveUp),
        Case("a refusal", refused("NotFoundException"), .giveUp, .giveUp),
        Case("an expired session", refused("ExpiredTokenException"), .giveUp, .giveUp),
        Case("the service's wish", refused("ThrottlingException", retryAfter: 3), .wait(3), .wait(3)),
        Case("the service's wish, too long", refused("ThrottlingException", retryAfter: 60), .wait(6), .wait(6)),
        Case("the service's wish, shorter", refused("ThrottlingException", retryAfter: 0.1), .wait(1), .wait(1)),
        Case(
            "a wrong clock", refused("InvalidSignatureException", skew: 600), .signByServiceClock(600),
            .signByServiceClock(600)),
        Case(
            "a clock that is ahead", refused("InvalidSignatureException", skew: -600), .signByServiceClock(-600),
            .signByServiceClock(-600)),
        Case("a wrong key", refused("InvalidSignatureException", skew: 239), .giveUp, .giveUp),
        Case("a signature refused without a date", refused("InvalidSignatureException"), .giveUp, .giveUp),
        Case(
            "a clock said to be wrong", refused("RequestTimeTooSkewed", skew: 30), .signByServiceClock(30),
            .signByServiceClock(30)),
        Case("another error while clocks differ", refused("NotFoundException", skew: 600), .giveUp, .giveUp),
    ]

    @Test("each failure has its step", arguments: cases)
    func step(_ example: Case) {
        let rule = RetryRule()
        #expect(rule.step(after: example.failure, attempt: 1, isIdempotent: true, jitter: 1) == example.idempotent)
        #expect(rule.step(after: example.failure, attempt: 1, isIdempotent: false, jitter: 1) == example.unrepeatable)
        #expect(rule.step(after: example.failure, attempt: 3, isIdempotent: true, jitter: 1) == .giveUp)
    }

    @Test("waits double up to twenty seconds, and chance shortens them")
    func waits() {
        var rule = RetryRule()
        rule.maximumAttempts = 100
        rule.maximumThrottledAttempts = 100
        let throttling = Self.refused("ThrottlingException")
        func waits(_ failure: RetryRule.Failure, jitter: Double) -> [RetryRule.Step] {
            (1...7).map { rule.step(after: failure, attempt: $0, isIdempotent: true, jitter: jitter) }
        }
        #expect(waits(throttling, jitter: 1) == [1, 2, 4, 8, 16, 20, 20].map { .wait($0) })
        #expect(waits(throttling, jitter: 0.5) == [0.5, 1, 2, 4, 8, 10, 10].map { .wait($0) })
        #expect(waits(throttling, jitter: 0) == Array(repeating: .wait(0), count: 7))
        #expect(waits(.lost, jitter: 1) == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2].map { .wait($0) })
    }
}
