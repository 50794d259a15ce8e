import Estate
import Evidence
import Testing

@Suite("A transcript held to AWS's record")
struct ReconciliationTests {
    private static let later = Timestamp("2026-11-27T12:00:00Z")

    /// Reconciles the example's ceremony with events, each of them and their order as a test wants it.
    private func report(
        of ceremony: ExampleCeremony, _ events: [EventText], asOf: Timestamp? = later
    ) throws -> ReconciliationReport {
        var reconciliation = try #require(Reconciliation(of: ceremony.record))
        for event in events {
            for text in AWSEvent.texts(exported: try event.bytes()) { try reconciliation.take(try AWSEvent(text)) }
        }
        return reconciliation.report(asOf: try #require(asOf))
    }

    private func findings(
        _ change: (inout [EventText], ExampleCeremony) throws -> Void
    ) throws -> [ReconciliationFinding] {
        let ceremony = try ExampleCeremony()
        var events = ceremony.events()
        try change(&events, ceremony)
        return try report(of: ceremony, events).findings
    }

    @Test("agrees where each call has its event, in whatever order they come, some of them twice")
    func agrees() throws {
        let ceremony = try ExampleCeremony()
        let events = ceremony.events()
        let report = try report(of: ceremony, (events + events.prefix(3)).reversed())
        #expect(report.findings.isEmpty)
        #expect(
            report.calls.map(\.call.operation) == [
                "GetParametersForImport", "GetParametersForImport", "ImportKeyMaterial", "ImportKeyMaterial",
                "RotateKeyOnDemand", "RotateKey",
            ])
        #expect(report.calls.allSatisfy { $0.standing == .matched })
    }

    @Test("finds every event that is missing, and by its own call", arguments: 0..<6)
    func missing(index: Int) throws {
        let found = try findings { events, _ in events.remove(at: index) }
        #expect(found.map(\.kind) == [.missing])
        #expect(found.first?.call?.line == [4, 6, 23, 25, 32, 32][index])
    }

    @Test("says not yet of what AWS may still deliver, and missing once 15 minutes are over; so of what others did")
    func notYet() throws {
        let ceremony = try ExampleCeremony()
        let events = ceremony.events()
        let rotated = try #require(Timestamp("2026-11-26T17:19:51Z"))
        let waiting = try report(of: ceremony, events.dropLast(), asOf: rotated.advanced(bySeconds: 899))
        #expect(waiting.findings.map(\.kind) == [.notYet, .notYet])
        #expect(waiting.findings.map(\.call?.line) == [32, nil])
        #expect(waiting.isWaiting)
        let over = try report(of: ceremony, events.dropLast(), asOf: rotated.advanced(bySeconds: 900))
        #expect(over.findings.map(\.kind) == [.missing, .notYet])
        #expect(!over.isWaiting)
        let early = try report(of: ceremony, events, asOf: rotated.advanced(bySeconds: 900))
        #expect(early.isWaiting && early.findings.map(\.kind) == [.notYet])
        #expect(try report(of: ceremony, events, asOf: rotated.advanced(bySeconds: 901)).findings.isEmpty)
    }

    @Test(
        "knows from the calls' own events how far the host's clock was off, and watches that time",
        arguments: [-200, 200])
    func otherClock(seconds: Int64) throws {
        let found = try findings { events, ceremony in
            func shifted(_ event: EventText, by seconds: Int64) throws -> EventText {
                var event = event
                let time = try #require((event["eventTime"] as? String).flatMap { Timestamp($0) })
                event["eventTime"] = time.advanced(bySeconds: seconds).description
                return event
            }
            events = try events.map { try shifted($0, by: seconds) }
            events.append(try shifted(ceremony.stranger("PutKeyPolicy"), by: seconds))
            events.append(ceremony.stranger("DisableKey"))
        }
        #expect(found.map(\.event?.name) == ["PutKeyPolicy"])
    }

    @Test("tells what became of an import that the transcript only intends, and says nothing where nothing did")
    func uncertain() throws {
        let ceremony = try ExampleCeremony(lines: 22)
        let report = try report(of: ceremony, try ExampleCeremony().events())
        #expect(report.findings.map(\.kind) == [.unsettled, .unexpected])
        #expect(report.findings.first?.call?.line == 22)
        let nothing = try self.report(of: ceremony, Array(try ExampleCeremony().events().prefix(2)))
        #expect(nothing.findings.isEmpty)
        #expect(nothing.calls.last?.standing == .notSeen)
    }

    @Test(
        "finds whatever somebody else does to a key of the ceremony meanwhile",
        arguments: CeremonyCall.watched.sorted())
    func unexpected(operation: String) throws {
        let found = try findings { events, ceremony in events.append(ceremony.stranger(operation)) }
        #expect(found.map(\.kind) == [.unexpected])
        #expect(found.first?.event?.caller == "arn:aws:iam::111122223333:user/mallory")
    }

    @Test(
        "finds what is done to a key or an alias of the ceremony by each of its names",
        arguments: ["id", "alias", "alias ARN", "target"])
    func unexpectedByEachName(name: String) throws {
        let found = try findings { events, ceremony in
            let id = String(ceremony.slot.key.split(separator: "/").last ?? "")
            let alias = ceremony.slot.alias ?? ""
            let parameters: [String: Any] =
                switch name {
                case "id": ["keyId": id]
                case "alias": ["aliasName": alias]
                case "alias ARN": ["keyId": "arn:aws:kms:eu-central-1:111122223333:\(alias)"]
                default: ["aliasName": "alias/other", "targetKeyId": id]
                }
            var event = ceremony.stranger("UpdateAlias", parameters: parameters)
            event["resources"] = nil
            events.append(event)
        }
        #expect(found.map(\.kind) == [.unexpected])
    }

    @Test("finds the same done by the ceremony's own credentials, successful or refused, outside of its own steps")
    func unexpectedByItself() throws {
        for error in [nil, "AccessDenied"] {
            let found = try findings { events, ceremony in
                var event = ceremony.stranger("ImportKeyMaterial", caller: ceremony.caller)
                event["eventTime"] = "2026-11-26T17:19:47Z"
                event["errorCode"] = error
                events.append(event)
            }
            #expect(found.map(\.kind) == [.unexpected])
        }
    }

    @Test("finds wrapping keys that KMS gave once more within a fetch, and says nothing of a fetch that was refused")
    func fetchedTwice() throws {
        for (error, kinds) in [(nil, [.unexpected]), ("ThrottlingException", [])]
            as [(String?, [ReconciliationFinding.Kind])]
        {
            let found = try findings { events, ceremony in
                var event = ceremony.stranger("GetParametersForImport", caller: ceremony.caller)
                event["eventTime"] = "2026-11-26T17:19:44Z"
                event["errorCode"] = error
                events.append(event)
            }
            #expect(found.map(\.kind) == kinds)
        }
    }

    @Test(
        "is silent about other keys, other accounts, another Region's key of that id, other services, other times and plain use"
    )
    func silent() throws {
        let found = try findings { events, ceremony in
            let id = String(ceremony.slot.key.split(separator: "/").last ?? "")
            func stranger(_ change: (inout EventText) -> Void) {
                var event = ceremony.stranger("ImportKeyMaterial", parameters: ["keyId": id])
                event["resources"] = nil
                change(&event)
                events.append(event)
            }
            stranger { $0["requestParameters"] = ["keyId": "11111111-2222-3333-4444-555555555555"] }
            stranger { $0["recipientAccountId"] = "444455556666" }
            stranger { $0["awsRegion"] = "eu-west-1" }
            stranger { $0["eventSource"] = "iam.amazonaws.com" }
            stranger { $0["eventTime"] = "2026-11-26T17:19:42Z" }
            stranger { $0["eventTime"] = "2026-11-26T17:19:53Z" }
            stranger { $0["eventName"] = "Decrypt" }
        }
        #expect(found.isEmpty)
    }

    @Test("finds a call that somebody else made, by AWS's record")
    func otherIdentity() throws {
        let found = try findings { events, _ in
            events[2]["userIdentity"] = ["type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory"]
        }
        #expect(found.map(\.kind) == [.otherIdentity])
        #expect(found.first?.call?.line == 23)
    }

    @Test("finds a call of the ceremony's own credentials that a service made by way of them")
    func byWayOfService() throws {
        let found = try findings { events, ceremony in
            events[2]["userIdentity"] = [
                "type": "IAMUser", "arn": ceremony.caller, "invokedBy": "cloudformation.amazonaws.com",
            ]
        }
        #expect(found.map(\.kind) == [.otherIdentity])
        #expect(found.first?.words.hasSuffix(", by way of cloudformation.amazonaws.com") == true)
    }

    @Test("names one of IAM Identity Center's people, of whom AWS's record has no ARN, by what it has of them")
    func person() throws {
        let store = "arn:aws:identitystore::111122223333:identitystore/d-1"
        func words(_ behalf: Any?, _ more: [String: Any] = [:]) throws -> String {
            let found = try findings { events, _ in
                var identity: [String: Any] = ["type": "IdentityCenterUser", "accountId": "111122223333"]
                identity["onBehalfOf"] = behalf
                events[2]["userIdentity"] = identity.merging(more) { $1 }
            }
            #expect(found.map(\.kind) == [.otherIdentity])
            return found.first?.words ?? ""
        }
        let told: [String: Any] = ["userId": "u-\u{fc}", "identityStoreArn": store]
        #expect(try words(told).hasSuffix("it was made by IdentityCenterUser u-%C3%BC of \(store)"))
        #expect(
            try words(told, ["invokedBy": "a.amazonaws.com"]).hasSuffix(" of \(store), by way of a.amazonaws.com"))
        #expect(try words(["userId": "u-1"]).hasSuffix("it was made by IdentityCenterUser u-1"))
        #expect(try words(["userId": "u-1", "identityStoreArn": 1]).hasSuffix("by IdentityCenterUser u-1"))
        // What is not as AWS has it makes the event none the worse, and is not shown.
        let long = String(repeating: "u", count: 2_049)
        for odd in [nil, "u-1", 1, [String: Any](), ["userId": 1], ["userId": long]] as [Any?] {
            #expect(try words(odd).hasSuffix("it was made by 111122223333"), "\(String(describing: odd).prefix(60))")
        }
        let arn = "arn:aws:iam::111122223333:user/mallory"
        #expect(try words(told, ["arn": arn]).hasSuffix("it was made by \(arn)"))
        #expect(try words(told, ["type": "IAMUser"]).hasSuffix("it was made by 111122223333"))
    }

    @Test(
        "finds what an event says otherwise than the transcript",
        arguments: [
            "eventName", "key", "material", "importType", "expiry", "errorCode", "eventTime",
        ])
    func differs(member: String) throws {
        let found = try findings { events, ceremony in
            switch member {
            case "eventName": events[2]["eventName"] = "DeleteImportedKeyMaterial"
            case "key":
                let other = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
                events[2]["requestParameters"] = ceremony.imported("NEW_KEY_MATERIAL").merging(["keyId": other]) { $1 }
                events[2]["responseElements"] = [
                    "keyId": other, "keyMaterialId": ceremony.bodies["imported"]?[0]["material"] ?? "",
                ]
                events[2]["resources"] = nil
            case "material":
                events[2]["responseElements"] = ["keyMaterialId": String(repeating: "0", count: 64)]
            case "importType": events[2]["requestParameters"] = ceremony.imported("EXISTING_KEY_MATERIAL")
            case "expiry":
                events[2]["requestParameters"] = ceremony.imported("NEW_KEY_MATERIAL").merging([
                    "expirationModel": "KEY_MATERIAL_EXPIRES", "validTo": 1_810_000_000,
                ]) { $1 }
            case "errorCode": events[2]["errorCode"] = "AccessDenied"
            default: events[2]["eventTime"] = "2026-11-26T17:24:51Z"
            }
        }
        #expect(found.map(\.kind) == [.differs])
    }

    @Test("finds material that was imported with another expiry than was signed, and says with which")
    func otherExpiry() throws {
        let found = try findings { events, ceremony in
            var asked = ceremony.imported("NEW_KEY_MATERIAL")
            asked["expirationModel"] = "KEY_MATERIAL_EXPIRES"
            asked["validTo"] = "May 21, 2027, 5:47:45 PM"
            events[2]["requestParameters"] = asked
            events[3]["requestParameters"] = ["importType": "EXISTING_KEY_MATERIAL", "validTo": "soon"]
        }
        #expect(found.map(\.kind) == [.differs, .unreadableExpiry] && found.map(\.aspect) == [.expiry, nil])
        #expect(
            found.map(\.words) == [
                "AWS has it with the expiry 2027-05-21T17:47:45Z, and the transcript never",
                "the event's expiry cannot be read: its expirationModel is none, and its validTo soon; the transcript has "
                    + "the expiry never",
            ])
    }

    @Test("an event whose expiry cannot be read is its call's, but where another one that fits has the call's expiry")
    func unreadableExpiry() throws {
        func unread(_ event: EventText) throws -> EventText {
            var event = event
            var asked = try #require(event["requestParameters"] as? [String: Any])
            asked["validTo"] = "soon"
            event["requestParameters"] = asked
            return event
        }
        let found = try findings { events, _ in events[2] = try unread(events[2]) }
        #expect(found.map(\.kind) == [.unreadableExpiry] && found.map(\.call?.operation) == ["ImportKeyMaterial"])
        let both = try findings { events, _ in
            var second = try unread(events[2])
            second["eventID"] = "00000000-0000-0000-0000-000000000000"
            events.append(second)
        }
        #expect(both.map(\.kind) == [.replayed] && both[0].event?.id == "00000000-0000-0000-0000-000000000000")
    }

    @Test("finds a request id, and an event's id, that a second event has")
    func replayed() throws {
        let found = try findings { events, _ in
            var again = events[2]
            again["eventID"] = "00000000-0000-0000-0000-000000000000"
            var double = events[3]
            double["eventTime"] = "2026-11-26T17:19:49Z"
            events += [again, double]
        }
        #expect(found.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.replayed, .replayed])
    }

    @Test("names the forged event of two, in whatever order they come; the same one written otherwise is none")
    func forgedFirst() throws {
        let found = try findings { events, ceremony in
            var forged = events[2]
            forged["eventID"] = "00000000-0000-0000-0000-000000000000"
            forged["userIdentity"] = ["type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAMALLORY"]
            events.insert(forged, at: 0)
            var pretty = events[4]
            pretty["sourceIPAddress"] = "192.0.2.8"
            events.append(pretty)
        }
        #expect(found.map(\.kind) == [.replayed])
        #expect(found.first?.event?.caller == "account 444455556666 AIDAMALLORY")
    }

    @Test("a rotation of other material than the ceremony's is unexpected, and its own is missing")
    func otherRotation() throws {
        let found = try findings { events, _ in
            events[5]["serviceEventDetails"] = [
                "keyId": events[5]["serviceEventDetails"].flatMap { ($0 as? [String: Any])?["keyId"] } ?? "",
                "currentKeyMaterialId": String(repeating: "0", count: 64),
            ]
        }
        #expect(found.map(\.kind) == [.missing, .unexpected])
    }
}
