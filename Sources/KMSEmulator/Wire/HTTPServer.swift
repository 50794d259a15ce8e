import AWS
import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves KMS over HTTP/1.1. Dates are those of its own clock, so the server beneath must add none.
struct HTTPServer: Sendable {
    /// No operation here takes a request of this many bytes.
    private static let bodyLimit = 1 << 20
    /// How long answers under way may take once the server is asked to stop.
    private static let patience = Duration.seconds(5)

    let dispatcher: Dispatcher
    let logger: Logger

    /// Serves until the task is cancelled, then finishes what it is answering.
    ///
    /// - Parameters:
    ///   - host: An address of this machine.
    ///   - port: 0 for one that is free.
    ///   - onListening: Learns the port once connections are accepted.
    /// - Throws: When the address cannot be bound.
    func run(host: String, port: Int, onListening: @escaping @Sendable (Int) async -> Void) async throws {
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .hostname(host, port: port)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger,
            responder: { request, writer, channel in
                // Thrown, it closes the connection.
                guard let response = await respond(to: request, from: channel.remoteAddress?.ipAddress ?? host) else {
                    throw AnswerWithheld()
                }
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onListening(port) }
            })
        var configuration = ServiceGroupConfiguration(services: [server], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.patience
        let group = ServiceGroup(configuration: configuration)
        // Cancelling the group itself would cut off answers under way.
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private struct AnswerWithheld: Error {}

    /// - Returns: nil where the caller is to get none.
    private func respond(to request: Request, from address: String) async -> Response? {
        let requestID = UUID().uuidString.lowercased()
        let answer: WireAnswer
        do {
            let body = try await request.body.collect(upTo: Self.bodyLimit)
            answer = await dispatcher.answer(
                WireRequest(request.head, body: body, address: address), requestID: requestID)
        } catch {
            answer = KMSFrontend.answer(
                refusing: KMSFault("RequestEntityTooLargeException", "The body is longer than 1 MiB.", status: 413))
        }
        guard !answer.isWithheld else { return nil }
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        fields[.date] = HTTPDate.string(await dispatcher.keyring.now.addingTimeInterval(answer.dateOffset))
        if let name = HTTPField.Name("x-amzn-RequestId") { fields[name] = requestID }
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}

extension WireRequest {
    init(_ head: HTTPRequest, body: ByteBuffer, address: String) {
        // HTTPTypes keeps HTTP/1.1's Host header beside the others.
        let host = head.authority.map { [SigningRequest.Header("Host", $0)] } ?? []
        self.init(
            method: head.method.rawValue,
            target: head.path ?? "/",
            headers: host + head.headerFields.map { SigningRequest.Header($0.name.rawName, $0.value) },
            body: Array(body.readableBytesView),
            address: address)
    }
}
