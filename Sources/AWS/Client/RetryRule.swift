/// When to ask again, after AWS's standard mode: three attempts, exponential waits with full jitter.
///
/// Differs from it where a second question could do harm: see `isIdempotent`, and `LimitExceededException`, which the
/// standard takes for throttling and which KMS says when a budget is spent.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
package struct RetryRule: Sendable {
    /// How one attempt failed.
    package enum Failure: Sendable {
        /// No connection came about.
        case notSent
        /// The server is not who it should be.
        case untrusted
        /// Sent, perhaps, and no answer that can be read.
        case lost
        /// Refused; `retryAfter` is the service's wish in seconds, `skew` how far its clock is ahead of the
        /// signature's time in seconds.
        case refused(ServiceError, retryAfter: Double?, skew: Double?)
    }

    /// What is done after a try that failed.
    package enum Step: Hashable, Sendable {
        case giveUp
        /// Ask again after so many seconds.
        case wait(Double)
        /// Ask again at once, with a signature that many seconds later (or earlier) than the refused one.
        case signByServiceClock(Double)
    }

    package var maximumAttempts = 3
    /// How often a question is asked that is refused for the pace: that does no harm, and passes.
    package var maximumThrottledAttempts = 3
    /// The longest wait, in seconds, before jitter and the service's own wish.
    package var cap = 20.0

    package init() {}

    /// - Parameters:
    ///   - attempt: The attempt that failed, the first being 1.
    ///   - isIdempotent: Whether asking twice does no more than asking once.
    ///   - jitter: Random, 0 to 1.
    package func step(after failure: Failure, attempt: Int, isIdempotent: Bool, jitter: Double) -> Step {
        guard attempt < maximum(after: failure) else { return .giveUp }
        switch failure {
        case .untrusted: return .giveUp
        case .notSent: return .wait(delay(base: 0.05, attempt: attempt, jitter: jitter))
        case .lost: return isIdempotent ? .wait(delay(base: 0.05, attempt: attempt, jitter: jitter)) : .giveUp
        case .refused(let error, let retryAfter, let skew):
            if let skew, isSkew(error, skew) { return .signByServiceClock(skew) }
            let base: Double
            if error.isThrottling {
                base = 1
            } else if isIdempotent, error.isTransient {
                base = 0.05
            } else {
                return .giveUp
            }
            let delay = delay(base: base, attempt: attempt, jitter: jitter)
            // The service's wish lengthens the wait by five seconds at most.
            return .wait(max(delay, min(retryAfter ?? 0, delay + 5)))
        }
    }

    private func maximum(after failure: Failure) -> Int {
        if case .refused(let error, _, _) = failure, error.isThrottling { return maximumThrottledAttempts }
        return maximumAttempts
    }

    private func delay(base: Double, attempt: Int, jitter: Double) -> Double {
        var scale = base
        for _ in 1..<max(attempt, 1) { scale *= 2 }
        return jitter * min(scale, cap)
    }

    private func isSkew(_ error: ServiceError, _ skew: Double) -> Bool {
        // A wrong key is answered with the same codes as a wrong clock; AWS's own limit is five minutes.
        return ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"].contains(error.code.rawValue)
            || ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"].contains(error.code.rawValue)
                && abs(skew) > 240
    }
}

extension ServiceError {
    /// Whether the service refused because of the pace; nothing happened then.
    package var isThrottling: Bool {
        switch code.rawValue {
        case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
            "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "RequestThrottled",
            "SlowDown",
            "PriorRequestNotComplete", "EC2ThrottledException":
            true
        case "LimitExceededException": false
        default: status == 429
        }
    }

    /// Whether it is the service's own trouble: it may pass, and the call may have taken effect all the same.
    package var isTransient: Bool {
        [500, 502, 503, 504].contains(status)
            || ["RequestTimeout", "RequestTimeoutException", "DependencyTimeoutException"].contains(code.rawValue)
    }

    /// Whether it does not say that the call had no effect: the service's own trouble of any kind, or an answer that is
    /// none of AWS's, as something on the way may give it.
    package var leavesEffectOpen: Bool {
        !isThrottling && (isTransient || status >= 500 || status == 408 || code == .unnamed)
    }
}
