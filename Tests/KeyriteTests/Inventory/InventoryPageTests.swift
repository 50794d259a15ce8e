import Foundation
import TestSupport
import Testing

@Suite("The page of an inventory", .timeLimit(.minutes(5)))
struct InventoryPageTests {
    private struct Page: Decodable {
        let tags: [String]
        let attributes: [String]
        let uses: [[String]]
        let aliases: [String]
        let keys: [String]
        let cells: [String]
        let script: [String]
        let style: [String]
        let policy: String
    }

    private static let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    private static let gone = "arn:aws:kms:eu-central-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
    /// Names that would end an attribute, an element, the script or a comment, as a snapshot writes them.
    private static let names = [
        "\"'><script>alert(1)</script>", "</title></style><img src=x onerror=alert(1)>", "<!--", "鍵 ×%25 &lt;b&gt;",
    ]

    private static func encoded(_ name: String) -> String {
        name.utf8.map {
            (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%")
                ? String(UnicodeScalar($0)) : String(format: "%%%02X", $0)
        }
        .joined()
    }

    static func line(_ members: [String: Any]) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes]), as: UTF8.self)
    }

    private static func reference(_ index: Int, _ more: [String: Any]) -> [String: Any] {
        let bucket = String(format: "arn:aws:s3:::%02d ", index) + encoded(names[index % names.count])
        return [
            "kind": "reference", "service": "s3", "type": "AWS::S3::Bucket", "resource": bucket,
            "account": "111122223333", "region": "eu-central-1", "setting": "KMSMasterKeyID", "standing": "known",
            "key": key, "bucketKey": true,
        ].merging(more) { $1 }
    }

    private static func snapshot() throws -> String {
        let aliases = (0..<14).map { String(format: "alias/%02d ", $0) + encoded(names[$0 % names.count]) }
        var lines = [
            try line([
                "schema": "keyrite.inventory/1", "accounts": ["111122223333"], "partition": "aws",
                "regions": ["eu-central-1"], "at": "2026-11-27T16:00:00Z",
            ]),
            try line([
                "kind": "key", "arn": key, "id": encoded(names[0]), "account": "111122223333", "region": "eu-central-1",
                "state": "PendingImport", "description": encoded(names[1]), "aliases": aliases,
                "manager": "CUSTOMER", "origin": "EXTERNAL", "expires": "2027-01-01T00:00:00Z", "rotationsUsed": 25,
            ]),
        ]
        for index in 0..<14 {
            let follows = index % 2 == 0
            lines.append(
                try line(
                    reference(
                        index,
                        [
                            "names": follows ? aliases[index] : key, "form": follows ? "alias" : "key-arn",
                            "followsAlias": follows,
                        ])))
        }
        lines.append(
            try line(
                reference(
                    14, ["names": gone, "key": gone, "form": "key-arn", "followsAlias": false, "standing": "missing"])))
        lines.append(
            try line([
                "kind": "caller", "caller": "arn:aws:iam::444455556666:role/" + encoded(names[0]),
                "account": "111122223333", "region": "eu-central-1", "names": key, "form": "key-arn", "key": key,
                "standing": "known", "operations": ["Decrypt", "Encrypt"], "calls": 3,
                "first": "2026-11-01T00:00:00Z", "last": "2026-11-02T00:00:00Z",
            ]))
        lines.append(
            try line([
                "kind": "unread", "service": "sns", "account": "111122223333", "region": "eu-central-1",
                "operation": "ListTopics", "reason": "denied", "code": "AccessDenied", "message": encoded(names[2]),
            ]))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func read(_ page: String) async throws -> Page {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "page.py").path
        let outcome = try await runProcess("/usr/bin/python3", ["-B", script, page])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return try JSONDecoder().decode(Page.self, from: Data(outcome.stdout))
    }

    @Test("shows each key, alias, use and gap once, and takes no name for markup")
    func whole() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(try Self.snapshot().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        let outcome = try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        let page = try await Self.read(out)
        #expect(page.keys == [Self.key, Self.gone])
        let named = (0..<15).map { String(format: "%02d ", $0) + Self.names[$0 % Self.names.count] }
        #expect(page.aliases == named.prefix(14).map { "alias/" + $0 })
        // The pointer is told what stands in the row, which may be cut off.
        var uses = named.enumerated().map { index, name in
            let how = index % 2 == 0 && index < 14 ? ["follows", "follows alias/\(name)"] : ["pinned", "pinned"]
            return [how[0], "arn:aws:s3:::\(name), \(how[1]), KMSMasterKeyID"]
        }
        uses.insert(
            [
                "pinned",
                "arn:aws:iam::444455556666:role/\(Self.names[0]), calls by key ARN, 3 calls until 2026-11-02T00:00:00Z: "
                    + "Decrypt, Encrypt",
            ], at: 14)
        #expect(page.uses == uses)
        #expect(page.cells.contains(Self.names[2]))
        // Two pages of the same snapshot are the same, and another snapshot's is another.
        let bytes = try folder.read("page.html")
        #expect(String(decoding: bytes, as: UTF8.self).contains(try await Self.digest(of: snapshot)))
        _ = try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
        #expect(try folder.read("page.html") == bytes)
    }

    /// Aliases whose keys were not read, are gone, or never were; an instance of a cluster; uses in a Region that was not read.
    private static func astray() throws -> String {
        func alias(_ name: String, _ standing: String, _ id: String?) throws -> String {
            var members = [
                "kind": "alias", "name": name, "arn": "arn:aws:kms:eu-central-1:111122223333:\(name)",
                "account": "111122223333", "region": "eu-central-1", "standing": standing,
            ]
            members["key"] = id.map { "arn:aws:kms:eu-central-1:111122223333:key/\($0)" }
            return try line(members)
        }
        func use(_ type: String, _ name: String, _ region: String, _ more: [String: Any]) throws -> String {
            let members: [String: Any] = [
                "kind": "reference", "service": "rds", "type": type,
                "resource": "arn:aws:rds:\(region):111122223333:\(name)",
                "account": "111122223333", "region": region, "setting": "KmsKeyId", "standing": "known", "key": key,
                "names": key, "form": "key-arn", "followsAlias": false,
            ]
            return try line(members.merging(more) { $1 })
        }
        return try [
            line([
                "schema": "keyrite.inventory/2", "accounts": ["111122223333"], "partition": "aws",
                "regions": ["eu-central-1"], "at": "2026-11-27T16:00:00Z",
            ]),
            line([
                "kind": "key", "arn": key, "id": "1234", "account": "111122223333", "region": "eu-central-1",
                "state": "Enabled", "manager": "CUSTOMER", "origin": "EXTERNAL", "spec": "SYMMETRIC_DEFAULT",
                "rotationsUsed": 24,
            ]),
            alias("alias/aws/s3", "no-target", nil), alias("alias/gone", "missing", "0000"),
            alias("alias/known", "known", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            alias("alias/none", "no-target", nil),
            alias("alias/undescribed", "not-read", "9999"),
            use(
                "AWS::RDS::DBInstance", "db:a", "eu-central-1", ["cluster": "arn:aws:rds:eu-central-1:1:cluster:orders"]
            ),
            use(
                "AWS::RDS::DBInstance", "db:b", "us-east-1",
                ["standing": "not-read", "key": key.replacing("eu-central-1", with: "us-east-1")]),
        ].map { $0 + "\n" }.joined()
    }

    @Test(
        "shows aliases whose keys were not read or are gone, clusters, other Regions, and what KMS did not tell of a key"
    )
    func incomplete() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(try Self.astray().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        let outcome = try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        let page = try await Self.read(out)
        func key(_ id: String) -> String { "arn:aws:kms:eu-central-1:111122223333:key/\(id)" }
        #expect(page.keys.first == Self.key && !page.keys.contains("alias/aws/s3"))
        #expect(
            Set(page.keys.dropFirst()) == [
                key("0000"), key("9999"), "alias/none", Self.key.replacing("eu-central-1", with: "us-east-1"),
            ])
        #expect(page.aliases.sorted() == ["alias/gone", "alias/known", "alias/undescribed"])
        #expect(page.uses.map { $0[1] }.contains { $0.hasSuffix("KmsKeyId, of cluster:orders") })
        let html = String(decoding: try folder.read("page.html"), as: UTF8.self)
        for words in [
            "<option>us-east-1</option>", "this key is not there", "the alias leads to no key", "1 rotation left",
            "aliases not read, or not all", "materials and rotations not read", "1 use: 1 pinned",
        ] { #expect(html.contains(words), "\(words)") }
    }

    @Test("says of no key that nothing uses it where a service was not read")
    func unreadUses() async throws {
        let folder = try TemporaryFolder()
        var lines = try Self.snapshot().split(separator: "\n").map(String.init)
        // The key without its uses, and what could not be read.
        lines = [lines[0], lines[1]] + lines.filter { $0.contains(#""kind":"unread""#) }
        func page(_ lines: [String]) async throws -> String {
            let snapshot = try folder.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: "snapshot")
            let outcome = try await CeremonyRoom.keyrite([
                "inventory", "page", snapshot, "--out", folder.path + "/page.html",
            ])
            try #require(outcome.status == 0, "\(outcome.stderrText)")
            return String(decoding: try folder.read("page.html"), as: UTF8.self)
        }
        let unread = try await page(lines)
        #expect(unread.contains("What uses it is not known") && !unread.contains("Nothing was found that uses it"))
        let whole = try await page(Array(lines.prefix(2)))
        #expect(whole.contains("Nothing was found that uses it") && !whole.contains("What uses it is not known"))
    }

    @Test("says of a secret that is to be deleted, and of a key, that it is, first in its row and to who types it")
    func deleted() async throws {
        let folder = try TemporaryFolder()
        var lines = try Self.snapshot().replacing("inventory/1", with: "inventory/3").split(separator: "\n").map(
            String.init)
        lines[1] = lines[1].replacing("PendingImport", with: "PendingDeletion")
            .replacing(#""description""#, with: #""deleted":"2026-12-05T00:00:00Z","description""#)
        let secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:" + Self.encoded(Self.names[0])
        lines.insert(
            try Self.line(
                Self.reference(
                    15,
                    [
                        "service": "secretsmanager", "type": "AWS::SecretsManager::Secret", "resource": secret,
                        "setting": "KmsKeyId", "names": "alias/a", "form": "alias", "followsAlias": true,
                        "deleted": "2026-11-20T00:00:00Z",
                    ])), at: lines.count - 2)
        lines = lines.map { $0.replacing(#""bucketKey":true,"#, with: "") }
        lines.append(#"{"kind":"end","lines":\#(lines.count)}"#)
        let snapshot = try folder.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        let outcome = try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        let titles = try await Self.read(out).uses.map { $0[1] }
        #expect(
            titles.filter { $0.contains("to be deleted") } == [
                "arn:aws:secretsmanager:eu-central-1:111122223333:secret:\(Self.names[0]), to be deleted, follows alias/a, KmsKeyId"
            ])
        let html = String(decoding: try folder.read("page.html"), as: UTF8.self)
        #expect(html.contains(#"<span class="how">to be deleted, follows alias/a,</span>"#))
        #expect(html.contains("is deleted 2026-12-05T00:00:00Z"))
    }

    @Test("shows what could not be read for one reason in one row, which opens, and each of them in it")
    func alike() async throws {
        let folder = try TemporaryFolder()
        let gaps = try (0..<40).map { number in
            try Self.line([
                "kind": "unread", "service": "kms", "account": "111122223333", "region": "eu-central-1",
                "operation": "GetKeyLastUsage", "resource": Self.key + "\(100 + number)", "reason": "denied",
            ])
        }
        let lines = try Self.snapshot().split(separator: "\n").map(String.init)
        let all = Array(lines.dropLast()) + gaps + [lines[lines.count - 1]]
        let snapshot = try folder.write(Array(all.map { $0 + "\n" }.joined().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        let outcome = try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out])
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        let page = try await Self.read(out)
        #expect((0..<40).allSatisfy { page.cells.contains(Self.key + "\(100 + $0)") })
        let html = String(decoding: try folder.read("page.html"), as: UTF8.self)
        #expect(html.contains("<summary>40 of these: denied</summary>"))
        #expect(html.contains("<b>41</b> things could not be read"))
    }

    @Test("loads nothing, and lets no other script or style run than the one that its policy names by digest")
    func alone() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(try Self.snapshot().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        #expect(try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out]).status == 0)
        let page = try await Self.read(out)
        try #require(page.script.count == 1 && page.style.count == 1)
        #expect(
            page.policy == "default-src 'none'; style-src \(page.style[0]); script-src \(page.script[0]); "
                + "base-uri 'none'; form-action 'none'")
        // Nothing that names another address, and no handler.
        #expect(
            Set(page.tags).isDisjoint(with: ["a", "base", "embed", "iframe", "image", "img", "link", "object", "use"]))
        #expect(
            Set(page.attributes).isDisjoint(with: ["action", "background", "href", "src", "srcdoc", "srcset", "style"]))
        #expect(!page.attributes.contains { $0.hasPrefix("on") })
    }

    private static let browser = "/usr/bin/chromium"

    @Test(
        "in a browser its script runs by its policy, filters, and says what it left out",
        .enabled(if: FileManager.default.isExecutableFile(atPath: browser), "no chromium here, which is large"),
        arguments: [
            ("", "2 of 2 cards shown, with 16 of 16 uses", "15 uses: 7 follow, 8 pinned", 12),
            ("#arn:aws:s3:::07", "1 of 2 cards shown, with 1 of 16 uses", "1 of its 15 uses shown", 1),
            ("#pinned", "2 of 2 cards shown, with 8 of 16 uses", "7 of its 15 uses shown", 7),
            ("#nowhere", "0 of 2 cards shown, with 0 of 16 uses", "15 uses: 7 follow, 8 pinned", 12),
        ])
    func filtered(_ words: String, _ shown: String, _ sum: String, _ drawn: Int) async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(try Self.snapshot().utf8), to: "snapshot")
        let out = folder.path + "/page.html"
        #expect(try await CeremonyRoom.keyrite(["inventory", "page", snapshot, "--out", out]).status == 0)
        let outcome = try await runProcess(
            "/usr/bin/timeout",
            [
                "--kill-after=5", "100", Self.browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--user-data-dir=\(folder.path)/browser", "--dump-dom", "file://\(out)\(words)",
            ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        let page = outcome.stdoutText
        #expect(page.contains("aria-live=\"polite\">\(shown)</output>"), "\(outcome.stderrText.suffix(500))")
        #expect(page.contains("<p class=\"sum\">\(sum)</p>"))
        #expect(page.contains("<body class=\"filtered\">") == !words.isEmpty)
        #expect(page.contains("<p id=\"filtered\" hidden=\"\">") == words.isEmpty)
        // As many lines as rows are left in the picture.
        let picture = try #require(page.split(separator: "<svg class=\"right\"").dropFirst().first)
        let lines = picture.split(separator: "</svg>")[0].split(separator: "<path").count {
            !$0.contains("hidden") && $0.contains("class")
        }
        #expect(lines == drawn)
    }

    @Test("is not made of what is no snapshot, nor where nothing can be written")
    func refused() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try folder.write(Array(try Self.snapshot().utf8), to: "snapshot")
        let torn = try folder.write(Array(try Self.snapshot().utf8.dropLast(5)), to: "torn")
        for (arguments, words) in [
            ([torn, "--out", folder.path + "/page.html"], "torn"),
            ([folder.path + "/none", "--out", folder.path + "/page.html"], "cannot be read"),
            ([snapshot, "--out", folder.path + "/none/page.html"], "cannot be written"),
            ([snapshot, "--out", folder.path], "cannot be written"),
        ] {
            let outcome = try await CeremonyRoom.keyrite(["inventory", "page"] + arguments)
            #expect(outcome.status == 2 && outcome.stderrText.contains(words), "\(outcome.stderrText)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/page.html"))
    }

    private static func digest(of file: String) async throws -> String {
        let outcome = try await runProcess("/usr/bin/sha256sum", [file])
        return String(outcome.stdoutText.prefix(64))
    }
}
