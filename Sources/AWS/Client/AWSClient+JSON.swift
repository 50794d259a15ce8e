extension AWSClient {
    /// Asks a service of AWS JSON 1.1, and reads what it answers.
    ///
    /// - Throws: `AWSError`; the request's error for a lost answer where the answer is not what the operation answers.
    func ask<Output: Decodable & Sendable>(_ request: ServiceRequest) async throws -> AWSAnswer<Output> {
        let answer = try await send(request)
        let output: Output
        do {
            output = try KMSWire.decode(Output.self, from: answer.body)
        } catch {
            throw lost(
                request, "the answer \(KMSWire.complaint(error)); request \(answer.requestID ?? "without id")")
        }
        return AWSAnswer(
            output: output, requestID: answer.requestID, serverDate: answer.date, tlsLeafSHA256: answer.tlsLeafSHA256)
    }
}
