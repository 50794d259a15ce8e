import Foundation
import Glibc
import KMSEmulator
import Testing

@Suite("The emulator as a server")
struct ServerTests {
    @Test(
        "listens for this machine alone",
        arguments: [
            "0.0.0.0", "::", "192.0.2.1", "localhost", "127.0.0.1.example.com", "127.0.0.2", "",
        ])
    func loopbackOnly(host: String) async throws {
        var configuration = try RunningEmulator.configuration()
        configuration.host = host
        let emulator = try KMSEmulator(configuration: configuration)
        await #expect(throws: KMSEmulator.StartError.notLoopback(host)) {
            try await emulator.run { _ in Issue.record("it listens on \(host)") }
        }
    }

    /// On ::1 where that is there, since the other tests' emulators would take a port of 127.0.0.1 as soon as it is free.
    @Test("takes a free port, says which, and gives it up when it is stopped")
    func stops() async throws {
        let host = hasIPv6 ? "::1" : "127.0.0.1"
        var port = 0
        try await RunningEmulator.with(host: host) { listening in
            port = listening.port
            #expect(listening.endpoint == (hasIPv6 ? "http://[::1]:\(port)" : "http://127.0.0.1:\(port)"))
            #expect(listening.account == "111122223333")
            #expect(connects(to: port))
        }
        #expect(port != 0)
        // A program that another test starts at this instant may have the socket for a moment longer.
        let deadline = ContinuousClock.now + .seconds(10)
        while connects(to: port), ContinuousClock.now < deadline { await Task.yield() }
        #expect(!connects(to: port))
    }

    @Test("two have nothing in common")
    func two() async throws {
        try await RunningEmulator.with { one in
            try await RunningEmulator.with { two in
                #expect(one.port != two.port)
            }
        }
    }

    /// Whether this machine has the loopback address of IPv6.
    private var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withLoopback(port: 0) { bind(descriptor, $0, $1) == 0 }
    }

    private func connects(to port: Int) -> Bool {
        guard hasIPv6 else { return connectsByIPv4(to: port) }
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withLoopback(port: port) { connect(descriptor, $0, $1) == 0 }
    }

    private func withLoopback(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    private func connectsByIPv4(to port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
