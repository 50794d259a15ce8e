/// A service over AWS's own protocols, at the pace that it takes; what is on this machine takes any.
package struct ServiceClient: ServiceCaller {
    private let client: AWSClient
    private let service: Service
    /// nil for any pace.
    private let paces: Paces?

    /// - Parameter configuration: With the endpoint, where that is not the service's own in the Region.
    /// - Throws: `AWSError.configuration`.
    package init(_ service: Service, _ configuration: AWSClient.Configuration) throws {
        client = try AWSClient(service: service.name, configuration: configuration)
        self.service = service
        paces = client.endpoint.isLoopback ? nil : Paces(of: service)
    }

    package var endpoint: Endpoint { client.endpoint }

    package func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
        let request = try call.request(to: endpoint)
        try await paces?.pace(of: call.operation).turn()
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
private actor Paces {
    private let service: Service
    private var paces: [String: Pace<ContinuousClock>] = [:]

    init(of service: Service) { self.service = service }

    func pace(of operation: String) -> Pace<ContinuousClock> {
        if let pace = paces[operation] { return pace }
        let pace = Pace(perSecond: service.callsPerSecond(of: operation), clock: ContinuousClock())
        paces[operation] = pace
        return pace
    }
}
