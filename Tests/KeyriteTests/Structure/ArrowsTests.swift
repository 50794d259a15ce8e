import Foundation
import Testing

@Suite("Between the parts of the program the arrows of its design are the only imports")
struct ArrowsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL
    /// What any part but the core may have of the system.
    private static let system: Set = ["Foundation", "Glibc", "Dispatch", "Synchronization"]
    /// A part, and what it may import besides.
    private static let arrows: [String: Set<String>] = [
        "COpenSSL": [], "CP11Kit": [], "CSpawn": [], "CZlib": [], "RehearsalToken": [],
        "CryptoPrimitives": ["COpenSSL"],
        "Disk": [],
        "Processes": ["CSpawn"],
        "PKCS11": ["CP11Kit", "CryptoPrimitives", "Processes"],
        "AWS": [
            "AsyncHTTPClient", "CSpawn", "CryptoPrimitives", "NIOCore", "NIOHTTP1", "NIOSSL", "Processes", "XMLCoder",
        ],
        "Evidence": ["CryptoPrimitives"],
        "Ceremony": ["CryptoPrimitives", "Evidence"],
        "Room": [
            "AWS", "AsyncHTTPClient", "CSpawn", "CYaml", "Ceremony", "CryptoPrimitives", "Disk", "Evidence", "NIOCore",
            "NIOHTTP1", "PKCS11", "Processes", "Yams",
        ],
        "KMSEmulator": [
            "AWS", "CryptoPrimitives", "Disk", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOPosix",
            "ServiceLifecycle",
        ],
        "Estate": ["AWS", "CZlib", "CryptoPrimitives", "Disk", "Evidence"],
        "KeyriteCommands": [
            "AWS", "ArgumentParser", "Ceremony", "CryptoPrimitives", "Disk", "Estate", "Evidence", "KMSEmulator",
            "PKCS11",
            "Room",
        ],
        "keyrite": ["KeyriteCommands"],
    ]
    /// The core, and what it has of the system: neither a screen nor network, clock, HSM or disk.
    private static let core: [String: Set<String>] = ["Ceremony": [], "Evidence": ["Foundation", "Synchronization"]]
    /// What Foundation and the language have of these.
    private static let outside = [
        "FileManager", "FileHandle", "Date(", "Date.now", "ContinuousClock", "SuspendingClock", "DispatchTime",
        "URLSession",
        "ProcessInfo", "Process(", "Data(contentsOf", "String(contentsOf", " print(", "readLine(", "Task.sleep",
    ]

    @Test("what each part imports is what its design lets it")
    func imports() throws {
        let folder = Self.root.appending(path: "Sources")
        let parts = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(parts) == Set(Self.arrows.keys))
        for (part, arrows) in Self.arrows {
            let allowed = arrows.union(Self.core[part] ?? Self.system)
            for (file, text) in try Self.swift(in: folder.appending(path: part)) {
                let imported = text.matches(of: /(?m)^(?:@\w+ |package |public )*import (?:\w+ )?(\w+)/).map {
                    String($0.1)
                }
                #expect(Set(imported).isSubset(of: allowed), "\(file)")
            }
        }
    }

    @Test("the core looks at no clock, disk, screen, network or process of its own")
    func core() throws {
        for part in Self.core.keys {
            let files = try Self.swift(in: Self.root.appending(path: "Sources/" + part))
            #expect(files.count > 20)
            for (file, text) in files {
                for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                    for name in Self.outside { #expect(!line.contains(name), "\(file):\(number + 1)") }
                }
            }
        }
    }

    private static func swift(in folder: URL) throws -> [String: String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
            })
    }
}
