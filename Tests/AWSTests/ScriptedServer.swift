import AWS
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// What the scripted server does with one request.
enum Reply: Sendable {
    case answer(status: Int = 200, _ body: String = "{}", headers: [String: String] = [:])
    /// Reads the request and closes the connection.
    case hangUp
    /// Promises a body, sends half of it and closes.
    case hangUpInBody
    /// Says nothing for as long as the client waits.
    case silence
    /// Sends half of the body and says nothing more.
    case silenceInBody

    static func error(_ code: String, _ message: String = "no", status: Int = 400, headers: [String: String] = [:])
        -> Reply
    {
        .answer(status: status, "{\"__type\":\"\(code)\",\"message\":\"\(message)\"}", headers: headers)
    }
}

struct ReceivedRequest: Sendable {
    let method: String
    let target: String
    let headers: [SigningRequest.Header]
    let body: [UInt8]
    /// The client's end of the connection that brought it.
    let clientPort: Int?

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// The replies still to come and the requests that came.
final class Script: Sendable {
    private struct State {
        var replies: [Reply]
        var received: [ReceivedRequest] = []
        var unprepared = 0
    }

    private let state: Mutex<State>
    private let answering: (@Sendable (ReceivedRequest) -> Reply?)?

    init(_ replies: [Reply], answering: (@Sendable (ReceivedRequest) -> Reply?)? = nil) {
        state = Mutex(State(replies: replies))
        self.answering = answering
    }

    var received: [ReceivedRequest] { state.withLock(\.received) }
    var unprepared: Int { state.withLock(\.unprepared) }
    var remaining: Int { state.withLock(\.replies.count) }

    func reply(to request: ReceivedRequest) -> Reply {
        state.withLock { state in
            state.received.append(request)
            if let reply = answering?(request) { return reply }
            if state.replies.isEmpty {
                state.unprepared += 1
                return .error("Unprepared")
            }
            return state.replies.removeFirst()
        }
    }
}

/// An HTTP server on a loopback port of its own that answers from a script and fails when it is asked unprepared.
struct ScriptedServer: Sendable {
    let endpoint: Endpoint
    private let script: Script

    var received: [ReceivedRequest] { script.received }

    /// Runs `body` against a server, and expects that the script was played to its end and not beyond.
    static func playing(
        _ replies: [Reply], tls: TLSConfiguration? = nil, _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let script = Script(replies)
        let channel = try await listen(script, try tls.map { try NIOSSLContext(configuration: $0) })
        do {
            let port = try #require(channel.localAddress?.port)
            let endpoint = try Endpoint("\(tls == nil ? "http" : "https")://127.0.0.1:\(port)")
            try await body(ScriptedServer(endpoint: endpoint, script: script))
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
        #expect(script.unprepared == 0, "asked more often than the script has replies")
        #expect(script.remaining == 0, "asked less often than the script has replies")
    }

    /// Runs `body` against a server that answers by a rule, and expects that it was asked for nothing that has none.
    static func answering(
        _ rule: @escaping @Sendable (ReceivedRequest) -> Reply?, _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let script = Script([], answering: rule)
        let channel = try await listen(script, nil)
        do {
            let port = try #require(channel.localAddress?.port)
            try await body(ScriptedServer(endpoint: try Endpoint("http://127.0.0.1:\(port)"), script: script))
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
        #expect(script.unprepared == 0, "asked for what it has no answer to")
    }

    private static func listen(_ script: Script, _ tls: NIOSSLContext?) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(ScriptHandler(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// Gathers a request and plays the script's next reply.
private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let script: Script
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ script: Script) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, [])
        case .body(let part): body += Array(part.readableBytesView)
        case .end:
            guard let head else { return }
            let request = ReceivedRequest(
                method: head.method.rawValue, target: head.uri,
                headers: head.headers.map { SigningRequest.Header($0.name, $0.value) }, body: body,
                clientPort: context.remoteAddress?.port)
            play(script.reply(to: request), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func play(_ reply: Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .answer(let status, let body, let headers):
            write(head: status, length: body.utf8.count, headers, context)
            write(body, context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .hangUp:
            context.close(promise: nil)
        case .hangUpInBody:
            write(head: 200, length: 40, [:], context)
            write("{\"KeyId\":", context)
            let channel = context.channel
            context.flush()
            channel.close(promise: nil)
        case .silence: break
        case .silenceInBody:
            write(head: 200, length: 40, [:], context)
            write("{\"KeyId\":", context)
            context.flush()
        }
    }

    private func write(head status: Int, length: Int, _ headers: [String: String], _ context: ChannelHandlerContext) {
        var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
        fields.add(name: "content-length", value: String(length))
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
}
