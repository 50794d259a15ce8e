import Foundation
import PKCS11

/// The calls that a token of which any may fail was given: by files beside SoftHSM's configuration, the module is told, and tells.
struct TokenCalls {
    private let configuration: String

    init(_ folder: SoftHSMFolder) { configuration = folder.configuration }

    /// From where calls are counted: from all of them, or from the last login of a connection's own.
    enum Since: String {
        case first, login
    }

    /// - Parameter number: Which call from now on, from 1.
    func fail(_ number: Int, since: Since = .first, _ code: UInt, _ when: HSMFault.When) throws {
        try Data("\(number) \(String(code, radix: 16)) \(when.rawValue) \(since.rawValue)".utf8).write(
            to: URL(filePath: configuration + ".fail-at"))
    }

    func forget() {
        for ending in [".calls", ".fail-at"] { try? FileManager.default.removeItem(atPath: configuration + ending) }
    }

    /// Those since `forget`, by their names.
    var names: [String] { lines.map(\.name) }

    /// Those of the connection that logged in last, after that.
    var namesSinceLogin: [String] {
        guard let login = lines.lastIndex(where: { $0.name == "C_Login" }) else { return [] }
        return lines[(login + 1)...].filter { $0.process == lines[login].process }.map(\.name)
    }

    private var lines: [(name: String, process: String)] {
        let bytes = FileManager.default.contents(atPath: configuration + ".calls") ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            let words = $0.split(separator: " ").map(String.init)
            return (words.first ?? "", words.last ?? "")
        }
    }
}
