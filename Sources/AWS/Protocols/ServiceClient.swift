/// A service over AWS's own protocols, at the pace that it takes; what is on this machine takes any.
package struct ServiceClient: ServiceCaller {
    private let client: AWSClient
    private let service: Service
    /// Waits for the turn of an operation's call; nil for any pace.
    private let turn: (@Sendable (_ operation: String) async throws -> Void)?

    /// How much of each quota is taken, where nobody says otherwise: in percent. The account's own work has the rest.
    package static let share = 50

    /// - Parameters:
    ///   - configuration: With the endpoint, where that is not the service's own in the Region.
    ///   - share: How much of each quota is taken, in percent.
    ///   - clock: By which it keeps the service's pace, wherever that is; nil for the machine's, and for no pace on this machine.
    /// - Throws: `AWSError.configuration`.
    package init(
        _ service: Service, _ configuration: AWSClient.Configuration, share: Int = share,
        pacedBy clock: (any Clock<Duration>)? = nil
    ) throws {
        client = try AWSClient(service: service.name, configuration: configuration)
        self.service = service
        let kept = clock ?? (client.endpoint.isLoopback ? nil : ContinuousClock())
        turn = kept.map { Self.turns(of: service, share, by: $0) }
    }

    private static func turns<Time: Clock<Duration>>(
        of service: Service, _ share: Int, by clock: Time
    ) -> @Sendable (String) async throws -> Void {
        let paces = Paces(of: service, share, by: clock)
        return { operation in try await paces.pace(of: operation).turn() }
    }

    package var endpoint: Endpoint { client.endpoint }

    package func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
        let request = try call.request(to: endpoint)
        try await turn?(call.operation)
        let answer = try await client.send(request)
        do {
            return try call.output(from: answer.body)
        } catch {
            throw client.lost(
                request, "the answer \(AnswerComplaint.words(error)); request \(answer.requestID ?? "without id")")
        }
    }
}

/// One pace for each operation of a service.
private actor Paces<Time: Clock<Duration>> {
    private let service: Service
    private let share: Int
    private let clock: Time
    private var paces: [String: Pace<Time>] = [:]

    init(of service: Service, _ share: Int, by clock: Time) {
        (self.service, self.share, self.clock) = (service, share, clock)
    }

    func pace(of operation: String) -> Pace<Time> {
        if let pace = paces[operation] { return pace }
        let pace = Pace(perSecond: service.quota(of: operation).perSecond, share: share, clock: clock)
        paces[operation] = pace
        return pace
    }
}
