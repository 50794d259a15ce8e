import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

@Suite("Calls go wrong as a fault plan has it")
struct FaultTests {
    /// A key that waits for material, and what can be asked about it.
    private struct Site: Sendable {
        let kms: KMSClient
        let sts: STSClient
        let key: String
    }

    @Test(
        "before anything happens, and under AWS's name",
        arguments: [
            (#""fault": "throttle""#, "ThrottlingException", 400),
            (#""fault": "error", "name": "KMSInvalidStateException""#, "KMSInvalidStateException", 400),
        ])
    func refused(fault: String, code: String, status: Int) async throws {
        try await Self.with(#"{"rules": [{"operation": "CreateAlias", "times": 1, \#(fault)}]}"#) { site in
            let error = await #expect(throws: AWSError.self) { try await Self.createAlias("alias/a", site) }
            guard case .service(let refusal)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refusal.code.rawValue == code && refusal.status == status)
            #expect(try await site.kms.allAliases().isEmpty)
            try await Self.createAlias("alias/a", site)
        }
    }

    @Test(
        "answers that do not come leave the caller not knowing",
        arguments: [
            (#""fault": "reset""#, false), (#""fault": "lose-answer""#, true),
            (#""fault": "status", "status": 500"#, false), (#""fault": "status", "status": 503"#, false),
            (#""fault": "status", "status": 500, "afterEffect": true"#, true),
        ])
    func lost(fault: String, isHad: Bool) async throws {
        try await Self.with(#"{"rules": [{"operation": "CreateAlias", \#(fault)}]}"#) { site in
            let error = await #expect(throws: AWSError.self) { try await Self.createAlias("alias/a", site) }
            guard case .answerLost("CreateAlias", _, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let aliases = try await site.kms.allAliases()
            #expect(aliases.isEmpty == !isHad)
        }
    }

    @Test("a slow answer is one to an effect that was had: who stops waiting for it does not know")
    func slow() async throws {
        try await Self.with(
            #"{"rules": [{"operation": "CreateAlias", "fault": "delay", "milliseconds": 600000}]}"#
        ) { site in
            let call = Task { try await Self.createAlias("alias/a", site) }
            while try await site.kms.allAliases().isEmpty { await Task.yield() }
            call.cancel()
            let error = await #expect(throws: AWSError.self) { try await call.value }
            guard case .answerLost? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a rule counts the calls that it is for: those before, those that fail, those after")
    func counting() async throws {
        let plan = #"{"rules": [{"operation": "DescribeKey", "after": 1, "times": 2, "fault": "throttle"}]}"#
        try await Self.with(plan) { site in
            var refused: [Bool] = []
            for _ in 0..<4 {
                refused.append(await (try? site.kms.describeKey(.init(keyID: site.key))) == nil)
                _ = try await site.kms.allAliases()
            }
            #expect(refused == [false, true, true, false])
        }
    }

    @Test("a rule for a key is for that key, by whichever of its names")
    func key() async throws {
        let plan = #"{"rules": [{"operation": "DescribeKey", "key": "alias/a", "fault": "throttle"}]}"#
        try await Self.with(plan) { site in
            _ = try await site.kms.describeKey(.init(keyID: site.key))
            try await Self.createAlias("alias/a", site)
            for name in [site.key, "alias/a"] {
                await #expect(throws: AWSError.self) { _ = try await site.kms.describeKey(.init(keyID: name)) }
            }
            let other = try await site.kms.createKey(.init(origin: .external)).output.keyMetadata.keyID
            _ = try await site.kms.describeKey(.init(keyID: other))
        }
    }

    @Test("the Date is off by as much as it should be, at STS too", arguments: [-600.0, 7200])
    func date(seconds: Double) async throws {
        let plan = #"{"rules": [{"operation": "GetCallerIdentity", "fault": "date", "seconds": \#(seconds)}]}"#
        try await Self.with(plan) { site in
            let wrong = try #require(try await site.sts.getCallerIdentity().serverDate)
            let right = try #require(try await site.kms.describeKey(.init(keyID: site.key)).serverDate)
            #expect(abs(wrong.timeIntervalSince(right) - seconds) < 300)
        }
    }

    @Test("an answer lags behind by calls, of aliases by their names too, and catches up")
    func lagByCalls() async throws {
        let plan = """
            {"rules": [{"operation": "ListAliases", "fault": "lag", "calls": 3},
                       {"operation": "DescribeKey", "fault": "lag", "calls": 1}]}
            """
        try await Self.with(plan) { site in
            try await Self.createAlias("alias/a", site)
            let error = await #expect(throws: AWSError.self) {
                _ = try await site.kms.describeKey(.init(keyID: "alias/a"))
            }
            #expect(error?.code == .notFound)
            #expect(try await site.kms.describeKey(.init(keyID: "alias/a")).output.keyMetadata.keyID == site.key)
            var seen: [Int] = []
            for _ in 0..<3 { seen.append(try await site.kms.allAliases().count) }
            #expect(seen == [0, 1, 1])
        }
    }

    @Test("an answer lags behind by the service's time, in which the rotations of a key are as they were")
    func lagByTime() async throws {
        let plan = #"{"rules": [{"operation": "ListKeyRotations", "fault": "lag", "seconds": 3600}]}"#
        try await Self.withStoppedClock(plan) { site, clock in
            clock.advance(3601)
            let material = try await Self.importMaterial(into: site)
            #expect(try await site.kms.allKeyMaterials(keyID: site.key).isEmpty)
            let metadata = try await site.kms.describeKey(.init(keyID: site.key)).output.keyMetadata
            #expect(metadata.currentKeyMaterialID == material)
            clock.advance(3600)
            #expect(try await site.kms.allKeyMaterials(keyID: site.key).map(\.keyMaterialID) == [material])
        }
    }

    @Test("the service's time can go faster than the host's")
    func timeScale() async throws {
        try await Self.withStoppedClock(#"{"timeScale": 60}"#) { site, clock in
            clock.advance(4)
            let date = try await site.kms.describeKey(.init(keyID: site.key)).serverDate
            #expect(date == TestKeyring.start.addingTimeInterval(240))
        }
    }

    @Test("AWS's quotas hold for each operation by itself, and a second later there is room again")
    func quotas() async throws {
        try await Self.withStoppedClock(#"{"quotas": "aws"}"#) { site, clock in
            clock.advance(1)
            let made = try await Self.createKeys(8, at: site)
            #expect(made == 5)
            let keys = try await site.kms.allKeys()
            #expect(keys.count == 6, "with the one that there was")
            for pause in [1.0, 100] {
                clock.advance(pause)
                let more = try await Self.createKeys(8, at: site)
                #expect(more == 5, "what was not used is not saved up")
            }
        }
    }

    @Test(
        "a plan that says something else than it can mean is refused, with what is wrong and where",
        arguments: [
            (#"{"rules": [{"fault": "throttled"}]}"#, "rules[0].fault: "),
            (
                #"{"rules": [{"operation": "Import", "fault": "reset"}]}"#,
                "rules[0].operation: is none of the emulator's"
            ),
            (#"{"rules": [{"fault": "reset", "seconds": 1}]}"#, "rules[0]: unknown members: seconds"),
            (#"{"rules": [{"fault": "status", "status": 400}]}"#, "rules[0].status: must be from 500 to 599"),
            (#"{"rules": [{"fault": "reset", "times": 0}]}"#, "rules[0].times: must be 1 or more"),
            (#"{"rules": [{"fault": "reset", "after": -1}]}"#, "rules[0].after: must be 0 or more"),
            (#"{"rules": [{"fault": "error"}]}"#, "rules[0].name: it is missing"),
            (
                #"{"rules": [{"fault": "lag", "operation": "ListAliases"}]}"#,
                "rules[0]: a lag is either of seconds or of calls"
            ),
            (#"{"rules": [{"fault": "lag", "calls": 1}]}"#, "rules[0].operation: must be one of those that can lag"),
            (
                #"{"rules": [{"fault": "delay", "milliseconds": "1"}]}"#,
                "rules[0].milliseconds: it is of the wrong type"
            ),
            (#"{"quotas": "azure"}"#, "quotas: it is \"aws\", or calls a second by operation"),
            (#"{"quotas": {"CreateKey": 0}}"#, "quotas.CreateKey: must be 1 or more"),
            (#"{"timeScale": 0}"#, "timeScale: must be from 1 to 100000"),
            (#"{"rule": []}"#, "unknown members: rule"), ("[]", "it is of the wrong type"),
            ("{", "The given data was not"),
        ])
    func refusedPlan(json: String, complaint: String) throws {
        let error = #expect(throws: StrictJSONError.self) { _ = try FaultPlan(json: Array(json.utf8)) }
        #expect(error?.description.hasPrefix(complaint) == true, "\(error?.description ?? "")")
    }

    /// An emulator with these faults, and a key in it.
    private static func with(_ json: String, _ body: @escaping (Site) async throws -> Void) async throws {
        try await RunningEmulator.with(faults: try FaultPlan(json: Array(json.utf8))) { listening in
            let configuration = try RunningEmulator.client(of: listening)
            let kms = try KMSClient(configuration)
            let key = try await kms.createKey(.init(origin: .external)).output.keyMetadata.keyID
            try await body(Site(kms: kms, sts: STSClient(configuration), key: key))
        }
    }

    /// The same, while the host's clock stands still.
    private static func withStoppedClock(
        _ json: String, _ body: @escaping (Site, TestClock) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let faults = try FaultPlan(json: Array(json.utf8))
        try await RunningEmulator.with(faults: faults, clock: { clock.now }) { listening in
            var configuration = try RunningEmulator.client(of: listening)
            configuration.timekeeper = Timekeeper(now: { clock.now }, wait: { _ in }, jitter: { 1 })
            let kms = try KMSClient(configuration)
            let key = try await kms.createKey(.init(origin: .external)).output.keyMetadata.keyID
            try await body(Site(kms: kms, sts: STSClient(configuration), key: key), clock)
        }
    }

    /// - Returns: How many were made and not refused for the pace.
    private static func createKeys(_ count: Int, at site: Site) async throws -> Int {
        var made = 0
        for _ in 0..<count {
            do {
                _ = try await site.kms.createKey(.init(origin: .external))
                made += 1
            } catch let error as AWSError where error.code == .throttling {}
        }
        return made
    }

    private static func createAlias(_ name: String, _ site: Site) async throws {
        _ = try await site.kms.createAlias(.init(aliasName: name, targetKeyID: site.key))
    }

    private static func importMaterial(into site: Site) async throws -> String? {
        let parameters = try await site.kms.getParametersForImport(
            .init(keyID: site.key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048)
        ).output
        let wrapped = try RSAPublicKey(spki: parameters.publicKey.bytes).encryptOAEP(.random(count: 32), hash: .sha256)
        return try await site.kms.importKeyMaterial(
            .init(
                keyID: site.key, importToken: parameters.importToken, encryptedKeyMaterial: Blob(wrapped),
                expirationModel: .keyMaterialDoesNotExpire)
        ).output.keyMaterialID
    }
}
