/// AWS STS, as far as one needs it to know who one is, and to be a role.
package struct STSClient: Sendable {
    let client: AWSClient

    package init(_ configuration: AWSClient.Configuration) throws {
        client = try AWSClient(service: "sts", configuration: configuration)
    }

    package var endpoint: Endpoint { client.endpoint }

    /// Account and ARN of the caller.
    ///
    /// - Throws: `AWSError`.
    package func getCallerIdentity() async throws -> AWSAnswer<GetCallerIdentity.Output> {
        let request = ServiceRequest(
            operation: GetCallerIdentity.name, isIdempotent: true,
            headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array("Action=\(GetCallerIdentity.name)&Version=\(GetCallerIdentity.version)".utf8),
            errorFormat: .xml)
        let answer = try await client.send(request)
        let document = String(decoding: answer.body, as: UTF8.self)
        guard let account = XMLText.element("Account", in: document), let arn = XMLText.element("Arn", in: document),
            let userID = XMLText.element("UserId", in: document)
        else { throw client.lost(request, "the answer lacks Account, Arn or UserId") }
        return AWSAnswer(
            output: GetCallerIdentity.Output(account: account, arn: arn, userID: userID),
            requestID: answer.requestID ?? XMLText.element("RequestId", in: document),
            serverDate: answer.date, tlsLeafSHA256: answer.tlsLeafSHA256)
    }
}
