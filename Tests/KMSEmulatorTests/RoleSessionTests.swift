import AWS
import Foundation
import KMSEmulator
import Testing

@Suite("The emulator's sessions of roles")
struct RoleSessionTests {
    @Test("end when they are over, and Keyrite's client begins another")
    func over() async throws {
        let clock = TestClock()
        try await RunningEmulator.with(clock: { clock.now }) { listening in
            var configuration = try RunningEmulator.client(of: listening)
            configuration.timekeeper = Timekeeper(now: { clock.now }, wait: { _ in }, jitter: { 1 })
            let base = try RunningEmulator.configuration().credentials
            let role = try AssumedRole(
                AssumedRole.Role(
                    arn: "arn:aws:iam::111122223333:role/importer",
                    sessionName: try SessionName("keyrite", from: "a test"),
                    duration: 900), from: base, by: CredentialMeans(sts: configuration))
            let first = try await role.credentials(at: clock.now)
            configuration.credentials = first
            #expect(
                try await STSClient(configuration).getCallerIdentity().output.arn
                    == "arn:aws:sts::111122223333:assumed-role/importer/keyrite")
            clock.advance(901)
            let error = await #expect(throws: AWSError.self) {
                _ = try await KMSClient(configuration).createKey(.init())
            }
            #expect(error?.code?.rawValue == "ExpiredTokenException")
            let second = try await role.credentials(at: clock.now)
            #expect(second.accessKeyID != first.accessKeyID)
            configuration.credentials = second
            _ = try await KMSClient(configuration).createKey(.init())
        }
    }

    @Test("are on CloudTrail's record with the tags that they were given")
    func tags() async throws {
        try await RunningEmulator.with { listening in
            let configuration = try RunningEmulator.client(of: listening)
            let tags = [try SessionTag(key: "ceremony", value: "2026"), try SessionTag(key: "room", value: "")]
            let role = try AssumedRole(
                AssumedRole.Role(
                    arn: "arn:aws:iam::111122223333:role/importer",
                    sessionName: try SessionName("keyrite", from: "a test"), tags: tags),
                from: try RunningEmulator.configuration().credentials, by: CredentialMeans(sts: configuration))
            _ = try await role.credentials(at: Date())
            let events = try await CloudTrailClient(configuration).allEvents(
                .init(attribute: .init(.eventName, "AssumeRole")))
            let text = try #require(events.first?.text)
            let event = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let parameters = event?["requestParameters"] as? [String: Any]
            #expect(
                parameters?["tags"] as? [[String: String]] == [
                    ["key": "ceremony", "value": "2026"], ["key": "room", "value": ""],
                ])
        }
    }

    @Test(
        "permissions that name nobody, or nothing that there is, are refused",
        arguments: [
            (#"{"caller": "importer", "allow": []}"#, "caller"),
            (#"{"caller": "arn:aws:iam::111122223333:role/r", "allow": ["Import"]}"#, "allow"),
            (#"{"caller": "arn:aws:iam::111122223333:role/r", "allow": [], "deny": []}"#, "deny"),
            (#"{"caller": "arn:aws:iam::111122223333:role/r"}"#, "allow"),
        ])
    func permissions(_ json: String, _ member: String) throws {
        let error = #expect(throws: StrictJSONError.self) {
            try FaultPlan(json: Array(#"{"permissions": [\#(json)]}"#.utf8))
        }
        #expect(error?.description.contains(member) == true, "\(String(describing: error))")
    }
}
