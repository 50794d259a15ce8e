import CryptoPrimitives
import Foundation
import Glibc
import PKCS11

/// Keyrite's side of scripts/bench/hsm: makes keys on a token, wraps each and destroys it, through `Session`.
///
///     HSMBench KIND COUNT WRAPPING-KEY BLOB
///
/// KIND is one of `KeyKind`, with `-awaited` behind it for keys that are each waited for; else a round is one turn of
/// the session. Everything else is as in scripts/bench/hsm.c.
@main
struct HSMBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let kind = KeyKind(rawValue: String(arguments[1].split(separator: "-")[0])),
            let count = Int(arguments[2])
        else { exit(2) }
        let wrappingKey = try RSAPublicKey(spki: [UInt8](Data(contentsOf: URL(filePath: arguments[3]))))
        let session = try await logIn()
        let isAwaited = arguments[1].hasSuffix("-awaited")

        var next = 0
        var blob: [UInt8] = []
        func make(_ count: Int) async throws {
            let numbers = next..<next + count
            next += count
            guard isAwaited else {
                blob = try await kind.makeAndWrap(numbers, under: wrappingKey, on: session)
                return
            }
            for number in numbers { blob = try await kind.makeAndWrap(number, under: wrappingKey, on: session) }
        }
        while readLine() != nil {
            try await make(count / 10 + 1)
            let duration = try await ContinuousClock().measure { try await make(count) }
            print(String(format: "%.1f", Double(count) / (duration / .seconds(1))))
            fflush(nil)
        }
        try Data(blob).write(to: URL(filePath: arguments[4]))
        print(try peakMemory())
    }

    private static func logIn() async throws -> Session {
        let slot = try Module.load(path: RehearsalModule.path()).slot(of: PKCS11URI(token: "bench"))
        let session = try slot.openSession()
        try await session.login(pin: try Array("1234".utf8).withUnsafeBytes { try SecretBytes(copying: $0) })
        return session
    }

    private static func peakMemory() throws -> Substring {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first ?? ""
    }
}
