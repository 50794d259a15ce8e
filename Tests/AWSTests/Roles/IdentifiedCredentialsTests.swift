import AWS
import Ceremony
import Evidence
import Foundation
import Room
import Synchronization
import TestSupport
import Testing

@Suite("Credentials that sign for one caller alone", .timeLimit(.minutes(60)))
struct IdentifiedCredentialsTests {
    private static let ceremony = "arn:aws:sts::111122223333:assumed-role/Ceremony/ada"
    private static let admin = "arn:aws:sts::111122223333:assumed-role/Admin/eve"

    /// Gives keys of which each is good for an hour, and tells whose they are.
    private final class Source: Sendable {
        private struct State {
            var loads = 0
            var questions = 0
            var owner = ceremony
            var owners: [String: String] = [:]
            var isSilent = false
        }
        private let state = Mutex(State())

        var questions: Int { state.withLock(\.questions) }
        func belong(to owner: String) { state.withLock { $0.owner = owner } }
        func fallSilent(_ isSilent: Bool = true) { state.withLock { $0.isSilent = isSilent } }

        private func load(_ now: Date) throws -> Credentials {
            let key = state.withLock { state in
                state.loads += 1
                state.owners["AKIA\(state.loads)"] = state.owner
                return "AKIA\(state.loads)"
            }
            return Credentials(
                accessKeyID: key, secretAccessKey: try .example("s"), expiration: now.addingTimeInterval(3_600))
        }

        private func owner(of credentials: Credentials) throws -> AWSAnswer<GetCallerIdentity.Output> {
            let owner = try state.withLock { state in
                state.questions += 1
                guard !state.isSilent else { throw AWSError.configuration("silence") }
                return state.owners[credentials.accessKeyID] ?? ""
            }
            return AWSAnswer(
                output: .init(account: "111122223333", arn: owner, userID: "u"), requestID: nil, serverDate: nil,
                tlsLeafSHA256: nil)
        }

        var provider: IdentifiedCredentials {
            IdentifiedCredentials(RefreshingCredentials { try self.load($0) }) { try self.owner(of: $0) }
        }
    }

    private static func minute(_ minute: Double) -> Date { TestTime.start.addingTimeInterval(minute * 60) }

    @Test("nobody is asked whose they are while the access key is the same, or before it was to be known")
    func quiet() async throws {
        let source = Source()
        let provider = source.provider
        for time in [0.0, 46, 60] { _ = try await provider.credentials(at: Self.minute(time)) }
        #expect(source.questions == 0)
        #expect(try await provider.identified(at: Self.minute(61)).output.arn == Self.ceremony)
        for time in [62.0, 70, 80] {
            #expect(try await provider.credentials(at: Self.minute(time)).accessKeyID == "AKIA2")
            #expect(try await provider.caller(at: Self.minute(time)) == Self.ceremony)
        }
        #expect(source.questions == 1)
    }

    @Test("new ones of the same caller are asked about once, and used")
    func same() async throws {
        let source = Source()
        let provider = source.provider
        _ = try await provider.identified(at: Self.minute(0))
        for time in [46.0, 47] {
            #expect(try await provider.credentials(at: Self.minute(time)).accessKeyID == "AKIA2")
        }
        #expect(source.questions == 2)
    }

    @Test("new ones of another caller sign nothing, in the middle of a step either, until it is asked anew who calls")
    func other() async throws {
        let source = Source()
        let provider = source.provider
        _ = try await provider.identified(at: Self.minute(0))
        try await provider.prepare(at: Self.minute(40), for: 900)
        source.belong(to: Self.admin)
        // In the step what it began with is good yet.
        #expect(try await provider.credentials(at: Self.minute(58)).accessKeyID == "AKIA1")
        for _ in 0..<2 {
            let error = try await failure { _ = try await provider.credentials(at: Self.minute(59.5)) }
            #expect(
                error.description
                    == "the credentials were renewed and are those of \(Self.admin) now; those that it began with were of "
                    + "\(Self.ceremony). Nothing was sent with the new ones. Log in as before, then run again")
        }
        #expect(source.questions == 2)
        #expect(try await provider.caller(at: Self.minute(60)) == Self.admin)
        #expect(try await provider.identified(at: Self.minute(60)).output.arn == Self.admin)
        #expect(try await provider.credentials(at: Self.minute(60)).accessKeyID == "AKIA2")
    }

    @Test("new ones sign nothing while nobody says whose they are")
    func silent() async throws {
        let source = Source()
        let provider = source.provider
        _ = try await provider.identified(at: Self.minute(0))
        source.fallSilent()
        let error = try await failure { _ = try await provider.credentials(at: Self.minute(46)) }
        #expect(error.description == "whose the renewed access key is was not to be learned: silence")
        source.fallSilent(false)
        #expect(try await provider.credentials(at: Self.minute(46)).accessKeyID == "AKIA2")
    }

    private static func httpDate() -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: Date())
    }

    /// STS, which knows callers by their keys, and no KMS.
    private static func rule(_ request: ReceivedRequest) -> Reply? {
        guard request.header("x-amz-target") == nil else { return nil }
        let key = request.header("authorization").flatMap { AuthorizationHeader($0) }?.accessKeyID
        return .answer(
            """
            <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>\(key == "ASIAADA" ? ceremony : admin)</Arn>
            <UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
            """, headers: ["date": httpDate()])
    }

    @Test(
        "a host tells before a step whose are the credentials that a process prints by now, and calls nothing with them"
    )
    func site() async throws {
        try await Scratch.using { scratch in
            try await ScriptedServer.answering(Self.rule) { server in
                func login(_ key: String, goodFor seconds: Double) throws {
                    let end = Date().addingTimeInterval(seconds).formatted(.iso8601)
                    let text = """
                        {"Version":1,"AccessKeyId":"\(key)","SecretAccessKey":"s","SessionToken":"t","Expiration":"\(end)"}
                        """
                    try Data(text.utf8).write(to: scratch.folder.appending(path: "login"))
                }
                let config = "[profile p]\ncredential_process = cat \(scratch.path("login"))\n"
                try Data(config.utf8).write(to: scratch.folder.appending(path: "config"))
                let access = try SiteAccess(
                    region: .named("eu-central-1"), endpoint: .named(server.endpoint.description),
                    credentials: .profile("p", configFile: scratch.path("config"), credentialsFile: nil)
                ).resolved(Variables(["HOME": scratch.folder.path]).environment)
                let kms = KeyService(
                    kms: try KMSClient(access.configuration(at: access.endpoint)),
                    sts: try STSClient(access.configuration(at: access.stsEndpoint)), quotas: Quotas())
                let environment = SiteEnvironment(service: .init(access: access, kms: kms), device: nil)
                try login("ASIAADA", goodFor: 36_000)
                #expect(try await environment.observe().aws?.caller == Self.ceremony)
                #expect(try await environment.prepare() == [.look: Self.ceremony])
                try login("ASIAEVE", goodFor: 72_000)
                try await access.credentials.prepare(at: Date().addingTimeInterval(35_990), for: 900)
                #expect(try await environment.prepare() == [.look: Self.admin])
                let error = try await failure { _ = try await kms.describe("alias/payments") }
                #expect(error.description.hasPrefix("the credentials were renewed and are those of \(Self.admin) now"))
                #expect(server.received.count == 2)
                try login("ASIAADA", goodFor: 144_000)
                try await access.credentials.prepare(at: Date().addingTimeInterval(71_990), for: 900)
                #expect(try await environment.prepare() == [.look: Self.ceremony])
            }
        }
    }
}
