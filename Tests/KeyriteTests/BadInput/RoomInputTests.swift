import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import FoundationNetworking
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

@Suite("What is wrong in the room", .timeLimit(.minutes(60)))
struct RoomInputTests {
    @Test("an alias that KMS does not have, and keys that cannot be rotated")
    func keys() async throws {
        try await CeremonyRoom.with { room in
            try await plan(
                room, alias: "alias/nowhere",
                complains: Complaint(
                    2,
                    "keyrite: BASE/definition.yaml:6:12: keys[0].alias: KMS at http://LOOPBACK has no alias/nowhere. "
                        + "Check the name, and that account and Region are those of the key"))
            let kms = try KMSClient(
                .init(
                    credentials: try RehearsalCredentials.make(), region: try Region("eu-central-1"),
                    endpoint: try Endpoint(room.room.site.endpoint)))
            let mac = AWS.KeyUsage(rawValue: "GENERATE_VERIFY_MAC")
            for (alias, key, why) in [
                (
                    "alias/empty", CreateKey.Input(origin: .external),
                    "its key is PendingImport. Bring the key back to Enabled first"
                ),
                (
                    "alias/native", CreateKey.Input(),
                    "its key's origin is AWS_KMS. Only imported keys (EXTERNAL) take new material"
                ),
                (
                    "alias/mac",
                    CreateKey.Input(keyUsage: mac, keySpec: KeySpec(rawValue: "HMAC_256"), origin: .external),
                    "its key is HMAC_256. It has one material for ever: plan a new key, strategy replace"
                ),
            ] {
                let made = try await kms.createKey(key).output.keyMetadata
                _ = try await kms.createAlias(.init(aliasName: alias, targetKeyID: made.keyID))
                try await plan(
                    room, alias: alias,
                    complains: Complaint(
                        2, "keyrite: BASE/definition.yaml:6:12: keys[0].alias: \(alias) cannot be rotated: \(why)"))
            }
        }
    }

    @Test("a multi-Region key that has a replica, and a key whose policy nobody can change: they cannot be replaced")
    func replicated() async throws {
        try await CeremonyRoom.with { room in
            let kms = try KMSClient(
                .init(
                    credentials: try RehearsalCredentials.make(), region: try Region("eu-central-1"),
                    endpoint: try Endpoint(room.room.site.endpoint)))
            let made = try await kms.createKey(.init(multiRegion: true)).output.keyMetadata
            _ = try await kms.createAlias(.init(aliasName: "alias/both", targetKeyID: made.keyID))
            _ = try await kms.call(ReplicateKey.self, .init(keyID: made.keyID, replicaRegion: "eu-west-1"))
            let replica = made.arn.replacing("eu-central-1", with: "eu-west-1")
            try await plan(
                room, alias: "alias/both", strategy: .replace,
                complains: Complaint(
                    2,
                    "keyrite: BASE/definition.yaml:6:12: keys[0].alias: alias/both cannot move to a new key: its key is one of "
                        + "several Regions, with \(replica). They would stay behind, and so would their aliases: only a key "
                        + "without replicas can be replaced yet"))

            let policy =
                #"{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"kms:PutKeyPolicy","Resource":"*"}}"#
            let locked = try await kms.createKey(.init(policy: policy, bypassPolicyLockoutSafetyCheck: true))
            _ = try await kms.createAlias(
                .init(aliasName: "alias/locked", targetKeyID: locked.output.keyMetadata.keyID))
            let complaint = Complaint(
                2,
                "keyrite: alias/locked: by the key policy of its new key nobody of the account 111122223333 could ever change "
                    + "that policy. Let the account's root use kms:PutKeyPolicy there. Write the new key's policy to a file, "
                    + "name that in the definition, as policyFile, and plan with it: without one it is the old key's")
            try await plan(room, alias: "alias/locked", strategy: .replace, complains: complaint)
            // However it came to be frozen, it is not carried out.
            let folder = try DiskFolder.create(at: room.ceremony)
            let definition = Definition(
                title: "Locked", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/locked", strategy: .replace, proof: true)])
            _ = try await Planner(ports: try room.room.site.ports(folder: folder, progress: Unwatched())).freeze(
                definition, rosterFiles: try room.room.rosterFiles)
            #expect(Complaint(try await room.run(), base: room.base) == complaint)
        }
    }

    @Test("a token's label that two tokens have")
    func twoTokens() async throws {
        try await CeremonyRoom.with { room in
            guard case .socket(let socket) = room.room.site.module else { throw CancellationError() }
            _ = try await TokenSite.makeToken("keyrite-hsm", in: try Module.remote(socket: socket))
            let own = try String(contentsOfFile: room.room.siteFile, encoding: .utf8)
            let byLabel = own.replacing(room.room.site.token, with: "pkcs11:token=keyrite-hsm")
            try #require(byLabel != own)
            try Data(byLabel.utf8).write(to: room.base.appending(path: "site.yaml"))
            try await plan(
                room, site: room.base.path + "/site.yaml",
                complains: Complaint(
                    2,
                    "keyrite: looking for a token: refused: 2 tokens at SOCKETS/p11 match pkcs11:token=keyrite-hsm. "
                        + "Name it by label and serial number, and see that it is connected."))
        }
    }

    @Test("a folder that exists, lies nowhere, cannot be written, or lies on a full disk")
    func folders() async throws {
        try await CeremonyRoom.with { room in
            try FileManager.default.createDirectory(
                at: room.base.appending(path: "there"), withIntermediateDirectories: false)
            try Data("mine".utf8).write(to: room.base.appending(path: "there/file"))
            try await plan(
                room, out: "there",
                complains: Complaint(
                    2,
                    "keyrite: cannot make the folder BASE/there: File exists (errno 17). "
                        + "Name one that does not exist yet"))
            try await plan(
                room, out: "no/where",
                complains: Complaint(
                    2,
                    "keyrite: cannot make the folder BASE/no/where: No such file or directory (errno 2). Check the path"
                ))
            try await plan(
                room, out: "there/ceremony",
                behind: "mount --bind BASE/there BASE/there && mount -o remount,bind,ro BASE/there",
                complains: Complaint(
                    2,
                    "keyrite: cannot make the folder BASE/there/ceremony: Read-only file system (errno 30). "
                        + "See who may write there, or choose another place"))
            try await plan(
                room, out: "there/ceremony", behind: "mount -t tmpfs -o size=16k none BASE/there",
                complains: Complaint(
                    1,
                    "keyrite: cannot write BASE/there/ceremony/roster/.dan.sig.partial: No space left on device (errno 28). "
                        + "Make room on that disk, then run the command again"))
        }
    }

    @Test("a clock that is off by an hour, at the plan and at the run", arguments: [3600, -3600])
    func clock(_ seconds: Int) async throws {
        try await CeremonyRoom.with { room in
            let complaint = Complaint(
                1,
                "keyrite: This host's clock says TIME, the service's says TIME. Compare both with a clock that you trust. "
                    + "Set this host's right if it is wrong; if it is not, something else answers for the service: check "
                    + "endpoint and proxy. Then run again"
            )
            try await room.plan()
            try await setClock(seconds, of: room)
            try await plan(room, out: "second", complains: complaint)
            let before = try snapshot(of: URL(filePath: room.ceremony))
            #expect(Complaint(try await room.run(), base: room.base) == complaint)
            #expect(try snapshot(of: URL(filePath: room.ceremony)) == before)
            try await setClock(0, of: room)
            #expect(try await room.run().status == 3)
        }
    }

    @Test("a wrong PIN of the HSM, and of a custodian's token: asked once each, and never tried again")
    func wrongPIN() async throws {
        // p11-kit's own account of the calls it serves.
        try await CeremonyRoom.with(tokenEnvironment: ["P11_KIT_DEBUG": "rpc"]) { room in
            guard case .socket(let socket) = room.room.site.module else { throw CancellationError() }
            try await room.plan()
            try #require(try await room.run().status == 3)
            let ben = try #require(room.room.site.signers["ben"])
            try await setPIN(TokenSite.secret("another"), of: "keyrite-ben", ben, socket)
            let before = try snapshot(of: URL(filePath: room.ceremony))
            let signed = try await CeremonyRoom.keyrite([
                "approve", room.ceremony, "--gate", "authorize", "--as", "ben", "--site", room.room.siteFile, "--auto",
            ])
            #expect(Complaint(signed, base: room.base) == Self.wrongPIN("keyrite-ben"))
            #expect(try wrongLogins(socket) == 1)
            #expect(try snapshot(of: URL(filePath: room.ceremony)) == before)

            for name in ["carol", "dan"] { try await room.approve(.authorize, as: name) }
            let hsm = room.room.site.token
            try await setPIN(TokenSite.secret("another"), of: "keyrite-hsm", hsm, socket)
            let run = Complaint(try await room.run(), base: room.base)
            #expect(
                run
                    == Complaint(
                        1,
                        "keyrite: The PIN is wrong: token keyrite-hsm (serial SERIAL) did not take it. Nothing else was "
                            + "asked of it, and nothing was tried again. The token says: wrong PINs were entered since its "
                            + "last login. It does not say how many are left. Be sure of the PIN before you run the command "
                            + "again\nThe ceremony stands where it was. Run again once that is mended: it looks first at what "
                            + "did happen."))
            #expect(try wrongLogins(socket) == 2)
            for uri in [hsm, ben] {
                let token = try Module.remote(socket: socket).slot(of: try PKCS11URI(parsing: uri)).tokenInfo()
                #expect(token.flags.contains(.userPINCountLow), "the token says so too")
            }

            let right = SHA256Digest(of: Array("keyrite rehearsal pin v1keyrite-hsm".utf8)).hex.prefix(16)
            try await setPIN(TokenSite.secret(String(right)), of: "keyrite-hsm", hsm, socket)
            let again = Complaint(try await room.run(), base: room.base)
            #expect(again == Complaint(3, "The gate release, attempt 1, waits for 2 custodians."))
        }
    }

    private static func wrongPIN(_ label: String) -> Complaint {
        Complaint(
            1,
            "keyrite: C_Login at token \(label) (serial SERIAL): the token answered CKR_PIN_INCORRECT (0x000000A0). Nothing was tried again. "
                + "Make sure of token and PIN first: wrong PINs lock a token.")
    }

    private func wrongLogins(_ socket: String) throws -> Int {
        // CKR_PIN_INCORRECT is 0xA0.
        try String(contentsOfFile: socket + ".log", encoding: .utf8).matches(of: #/rpc_C_Login: ret: 160\n/#).count
    }

    /// Sets a user PIN, as a security officer with the rehearsal's PIN.
    private func setPIN(_ pin: SecretBytes, of label: String, _ uri: String, _ socket: String) async throws {
        let officer = SHA256Digest(of: Array(("keyrite rehearsal so-pin v1" + label).utf8)).hex.prefix(16)
        let slot = try Module.remote(socket: socket).slot(of: try PKCS11URI(parsing: uri))
        try await slot.initializeUserPIN(pin, soPIN: TokenSite.secret(String(officer)))
    }

    private func setClock(_ seconds: Int, of room: CeremonyRoom) async throws {
        var request = URLRequest(url: try #require(URL(string: room.room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(#"{"action":"set-clock-offset","seconds":\#(seconds)}"#.utf8)
        let (_, answer) = try await URLSession.shared.data(for: request)
        try #require((answer as? HTTPURLResponse)?.statusCode == 200)
    }

    /// Plans one key, and sees that nothing was made and nothing changed.
    ///
    /// - Parameter preparation: Mounts that the program alone sees; `BASE` stands for the test's folder.
    private func plan(
        _ room: CeremonyRoom, alias: String = CeremonyRoom.alias, strategy: Strategy = .rotate, site: String? = nil,
        out: String = "ceremony", behind preparation: String = "true", complains expected: Complaint
    ) async throws {
        let definition = YAMLTests.definition.replacing("alias/payments", with: alias)
            .replacing("rotate", with: strategy.rawValue)
        try Data(definition.utf8).write(to: room.base.appending(path: "definition.yaml"))
        let before = try outside(room)
        let command = [
            try CeremonyRoom.program(), "plan", "--definition", room.base.path + "/definition.yaml", "--site",
            site ?? room.room.siteFile, "--roster", room.room.rosterFolder, "--out", room.base.path + "/" + out,
        ]
        // What is left is listed where the mounts are seen.
        let script = """
            \(preparation.replacing("BASE", with: room.base.path)) || exit 99
            find \(room.base.path)/there > \(room.base.path)/before 2>/dev/null
            "$@"; status=$?
            find \(room.base.path)/there 2>/dev/null | cmp -s - \(room.base.path)/before || exit 98
            rm \(room.base.path)/before
            exit $status
            """
        let outcome = try await runProcess(
            "/usr/bin/unshare", (geteuid() == 0 ? ["-m"] : ["-rm"]) + ["/bin/sh", "-c", script, "sh"] + command,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(Complaint(outcome, base: room.base) == expected)
        #expect(outcome.stdout.isEmpty)
        #expect(try outside(room) == before)
    }

    /// What lies beside the room, whose token server and emulator keep accounts of their own.
    private func outside(_ room: CeremonyRoom) throws -> [String: Data] {
        try snapshot(of: room.base).filter { !$0.key.hasPrefix("room/") }
    }
}
