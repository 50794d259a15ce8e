import NIOCore
import NIOPosix
import Synchronization
import Testing

/// An HTTP proxy on a loopback port that knows CONNECT alone, and leads to one port of this machine whatever it is asked for.
final class ConnectProxy: Sendable {
    let port: Int
    private let log: Log

    /// The first lines of what it was asked.
    var asked: [String] { log.lines.withLock { $0 } }

    fileprivate final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    private init(port: Int, log: Log) {
        self.port = port
        self.log = log
    }

    /// - Parameters:
    ///   - target: The port that it leads to.
    ///   - refusal: The status with which it answers instead.
    static func running(
        to target: Int, answering refusal: String? = nil, _ body: (ConnectProxy) async throws -> Void
    ) async throws {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectHandler(target: target, refusal: refusal, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(ConnectProxy(port: try #require(channel.localAddress?.port), log: log))
        } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }
}

/// Reads one request for a connection, and passes on bytes from then on.
private final class ConnectHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: Int
    private let refusal: String?
    private let log: ConnectProxy.Log
    private var head = ""
    private var far: (any Channel)?
    private var early: [ByteBuffer] = []

    init(target: Int, refusal: String?, log: ConnectProxy.Log) {
        self.target = target
        self.refusal = refusal
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let far {
            far.writeAndFlush(bytes, promise: nil)
        } else if head.hasSuffix("\r\n\r\n") {
            early.append(bytes)
        } else {
            head += String(buffer: bytes)
            if head.hasSuffix("\r\n\r\n") { connect(context) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        far?.close(promise: nil)
    }

    private func connect(_ context: ChannelHandlerContext) {
        log.lines.withLock { $0.append(String(head.prefix { $0 != "\r\n" })) }
        let near = context.channel
        if let refusal {
            near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\n\r\n"), promise: nil)
            return
        }
        let loop = context.eventLoop
        let this = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReturnHandler(near))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .assumeIsolated()
            .whenSuccess { far in
                this.value.far = far
                near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
                for bytes in this.value.early { far.writeAndFlush(bytes, promise: nil) }
            }
    }
}

/// Passes on what comes back.
private final class ReturnHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let near: any Channel

    init(_ near: any Channel) { self.near = near }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        near.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        near.close(promise: nil)
    }
}
