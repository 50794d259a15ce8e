import Foundation

/// Everything that befalls one call.
struct Mishap: Sendable {
    /// The connection is closed before anything happens.
    private(set) var isReset = false
    /// What the call is refused with before anything happens.
    private(set) var refusal: KMSFault?
    /// What is answered though it happened.
    private(set) var refusalAfter: KMSFault?
    private(set) var lag: Lag?
    /// Milliseconds.
    private(set) var delay = 0
    private(set) var losesAnswer = false
    /// Seconds.
    private(set) var dateOffset: TimeInterval = 0

    mutating func add(_ fault: Fault) {
        switch fault {
        case .throttle:
            refusal =
                refusal ?? KMSFault("ThrottlingException", "You have exceeded the rate at which you may call KMS.")
        case .error(let name): refusal = refusal ?? KMSFault(injected: name)
        case .status(let status, afterEffect: false): refusal = refusal ?? KMSFault(trouble: status)
        case .status(let status, afterEffect: true): refusalAfter = refusalAfter ?? KMSFault(trouble: status)
        case .delay(let milliseconds): delay += milliseconds
        case .loseAnswer: losesAnswer = true
        case .reset: isReset = true
        case .date(let seconds): dateOffset += seconds
        case .lag(let lag): self.lag = self.lag ?? lag
        }
    }

    /// What a call is remembered by that never arrived.
    static let reset = "reset"

    /// Has a call go so.
    ///
    /// - Parameters:
    ///   - serve: Does what was asked, and answers.
    ///   - refuse: The answer of a service that refuses.
    ///   - record: Remembers a call that was not served, under the name of what befell it.
    func befall(
        serve: () async -> WireAnswer, refuse: (KMSFault) -> WireAnswer, record: (_ error: String) async -> Void
    ) async -> WireAnswer {
        var answer: WireAnswer
        if isReset {
            await record(Self.reset)
            answer = .none
        } else if let refusal {
            await record(refusal.code)
            answer = refuse(refusal)
        } else {
            answer = await serve()
            if let refusalAfter { answer = refuse(refusalAfter) }
            if losesAnswer { answer = .none }
        }
        answer.dateOffset = dateOffset
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        return answer
    }
}

extension KMSFault {
    /// AWS's refusal of this name; of those that are its own trouble, with their status.
    fileprivate init(injected name: String) {
        let status =
            switch name {
            case "KMSInternalException", "KeyUnavailableException": 500
            case "DependencyTimeoutException": 503
            default: 400
            }
        self.init(name, "The emulator was told to answer so.", status: status)
    }

    /// The service's own trouble under an HTTP status.
    fileprivate init(trouble status: Int) {
        self.init(
            status == 503 ? "ServiceUnavailableException" : "InternalFailure", "The emulator was told to answer so.",
            status: status)
    }
}
