import Foundation
import TestSupport
import Testing

@Suite("A folder that is named in place of a ceremony's")
struct CeremonyFolderTests {
    private static let ceremonies = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../ceremony").standardizedFileURL
    private static let nothing =
        "is no ceremony's folder: it has neither plan.json nor transcript.jsonl, nor anything that was signed at a gate"

    /// What there is beside the example of a ceremony, as BASE/room/ceremony, and what is said of it.
    struct Misnamed: Sendable, CustomTestStringConvertible {
        let folder: String
        let complaint: String
        var testDescription: String { folder }

        init(_ folder: String, _ complaint: String) {
            self.folder = folder
            self.complaint = complaint
        }
    }

    static let misnamed = [
        Misnamed("empty", "BASE/empty \(nothing). Name the folder that keyrite plan made"),
        Misnamed("other", "BASE/other \(nothing). Name the folder that keyrite plan made"),
        Misnamed("room", "BASE/room \(nothing). Name the ceremony's folder: BASE/room/ceremony"),
        Misnamed(
            "gap", "BASE/gap \(nothing). Name the folder of one ceremony: BASE/gap/a/ceremony, BASE/gap/b/ceremony"),
        Misnamed(
            "room/ceremony/approvals",
            "BASE/room/ceremony/approvals \(nothing). Name the ceremony's folder: BASE/room/ceremony"),
        Misnamed(
            "room/people", "BASE/room/people \(nothing). Name the ceremony's folder: BASE/room/ceremony"),
        Misnamed(
            "roster",
            "BASE/roster is a roster's folder, and no ceremony's: it has no plan.json. Name the folder that keyrite plan made"
        ),
        Misnamed(
            "room/roster",
            "BASE/room/roster is a roster's folder, and no ceremony's: it has no plan.json. Name the ceremony's folder: "
                + "BASE/room/ceremony"),
    ]

    @Test(
        "is bad usage, said by every command in the same words, with the ceremony that may be meant",
        arguments: misnamed)
    func folders(_ misnamed: Misnamed) async throws {
        try await withPlaces { base in
            let before = try snapshot(of: base)
            let folder = base.path + "/" + misnamed.folder
            for command in Self.commands(on: folder) {
                let refused = try await CeremonyRoom.keyrite(command)
                #expect(Complaint(refused, base: base) == Complaint(2, "keyrite: " + misnamed.complaint), "\(command)")
                #expect(refused.stdout.isEmpty)
            }
            for shell in ["dash", "bash"] {
                let refused = try await runProcess(shell, [TamperedFolder.script, folder])
                #expect(Complaint(refused, base: base) == Complaint(2, "verify.sh: " + misnamed.complaint))
                #expect(refused.stdout.isEmpty)
            }
            #expect(try snapshot(of: base) == before)
        }
    }

    @Test("is bad usage where it is a file, or not there")
    func noFolders() async throws {
        try await withPlaces { base in
            let places = [
                ("other/notes.txt", "BASE/other/notes.txt is a file. Name the folder that keyrite plan made"),
                (
                    "room/ceremony/plan.json",
                    "BASE/room/ceremony/plan.json is a file. Name the ceremony's folder: BASE/room/ceremony"
                ),
                ("nowhere", "cannot open BASE/nowhere: No such file or directory (errno 2). Check the path"),
            ]
            for (place, complaint) in places {
                for command in Self.commands(on: base.path + "/" + place) {
                    let refused = try await CeremonyRoom.keyrite(command)
                    #expect(Complaint(refused, base: base) == Complaint(2, "keyrite: " + complaint), "\(command)")
                }
            }
        }
    }

    @Test(
        "is damaged evidence where anything is left that only a ceremony has",
        arguments: [
            "plan.json", "transcript.jsonl", "allowed_signers", "MANIFEST", "statements", "approvals",
        ])
    func damaged(left: String) async throws {
        try await withPlaces { base in
            let ceremony = base.path + "/room/ceremony"
            for name in try FileManager.default.contentsOfDirectory(atPath: ceremony)
            where name != left && !name.hasPrefix("roster") {
                try FileManager.default.removeItem(atPath: ceremony + "/" + name)
            }
            let missing = left == "allowed_signers" ? "plan.json" : "allowed_signers"
            // Whoever approves is asked who they are by the roster, before the plan is read.
            let first = missing == "plan.json" ? ["verify", "approve"] : ["verify"]
            for command in Self.commands(on: ceremony) where !first.contains(command[0]) {
                let refused = try await CeremonyRoom.keyrite(command)
                #expect(
                    Complaint(refused, base: base)
                        == Complaint(
                            4,
                            "keyrite: \(missing): it is missing. Do not go on with this folder before it is found out; "
                                + "restore the file as it was"), "\(command)")
            }
            let verified = [
                try await CeremonyRoom.keyrite(["verify", ceremony]),
                try await runProcess("dash", [TamperedFolder.script, ceremony]),
            ]
            for refused in verified {
                #expect(refused.status == 4)
                #expect(refused.stdoutText.hasSuffix("REFUSED: \(missing): it is missing\n"), "\(refused.stdoutText)")
            }
        }
    }

    @Test("evidence takes no new folder into it: roster, export and rehearsal are made elsewhere")
    func nothingInside() async throws {
        try await withPlaces { base in
            let before = try snapshot(of: base)
            let (roster, ceremony) = (base.path + "/roster", base.path + "/room/ceremony")
            try FileManager.default.createSymbolicLink(atPath: base.path + "/link", withDestinationPath: ceremony)
            for (place, whose) in [
                (roster + "/new", "the roster's own folder, BASE/roster"),
                (roster + "/roster/new", "the roster's own folder, BASE/roster"),
                (ceremony + "/new", "the ceremony's own folder, BASE/room/ceremony"),
                (ceremony + "/approvals/../new/", "the ceremony's own folder, BASE/room/ceremony"),
                (base.path + "/link/new", "the ceremony's own folder, BASE/room/ceremony"),
            ] {
                let commands = [
                    ["roster", "new", "--definition", base.path + "/one.yaml", "--out", place],
                    ["roster", "change", roster, "--definition", base.path + "/one.yaml", "--out", place],
                    [
                        "plan", "--definition", Self.ceremonies.path + "/rotate.yaml", "--site",
                        base.path + "/site.yaml",
                        "--roster", roster, "--out", place,
                    ],
                    ["rehearse", "--auto", "--out", place],
                    ["host", "card", "--site", base.path + "/site.yaml", "--out", place],
                ]
                for command in commands {
                    let refused = try await CeremonyRoom.keyrite(command)
                    let named = place.replacing(base.path, with: "BASE")
                    #expect(
                        Complaint(refused, base: base)
                            == Complaint(
                                2,
                                "keyrite: \(named) would lie in \(whose), where nothing else may be. Name a place beside that"
                            ),
                        "\(command)")
                }
            }
            try FileManager.default.removeItem(atPath: base.path + "/link")
            #expect(try snapshot(of: base) == before)
            let beside = try await CeremonyRoom.keyrite(
                ["roster", "new", "--definition", base.path + "/one.yaml", "--out", base.path + "/room/new"])
            #expect(beside.status == 0, "\(beside.stderrText)")
        }
    }

    private static func commands(on folder: String) -> [[String]] {
        [
            ["approve", folder, "--gate", "authorize", "--as", "ben", "--ssh-key", "/dev/null"],
            ["approve", folder, "--gate", "authorize", "--as", "ben", "--export", "/nowhere/away"],
            ["verify", folder], ["verify", folder, "--format", "json"], ["status", folder],
            ["policy", "print", folder, "--role", "look"],
            ["reconcile", folder, "--events", "/nowhere"],
        ]
    }

    /// A ceremony and a roster in their folders, and what people may take for the ceremony's.
    private func withPlaces(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { base in
            let files = FileManager.default
            func copy(_ name: String, to place: String) throws {
                try files.createDirectory(
                    at: base.appending(path: place).deletingLastPathComponent(), withIntermediateDirectories: true)
                try files.copyItem(at: Self.ceremonies.appending(path: name), to: base.appending(path: place))
            }
            for place in ["room/ceremony", "gap/a/ceremony", "gap/b/ceremony"] { try copy("example", to: place) }
            for place in ["roster", "room/roster"] {
                try copy("example/roster.json", to: place + "/roster.json")
                try copy("example/roster", to: place + "/roster")
            }
            for place in ["empty", "room/people", "other/statements", "other/approvals/2026"] {
                try files.createDirectory(at: base.appending(path: place), withIntermediateDirectories: true)
            }
            try Data("mine".utf8).write(to: base.appending(path: "other/notes.txt"))
            try Data("{}".utf8).write(to: base.appending(path: "other/roster.json"))
            try await RosterDesk(base: base).define(
                "one.yaml", ["ada administrator", "ben custodian", "carol custodian", "wendy witness"])
            try files.copyItem(
                at: Self.ceremonies.appending(path: "site-rehearsal.yaml"), to: base.appending(path: "site.yaml"))
            try await body(base)
        }
    }
}
