import AWS
import Estate
import Evidence
import Testing

@Suite("What could not be read")
struct InventoryGapTests {
    private func read(
        _ answer: @escaping @Sendable (_ operation: String) throws -> String?
    ) async throws -> InventorySnapshot {
        let endpoint = try Endpoint("https://example.com")
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount(ImpactEstate.account, in: [ImpactEstate.here])]
        ) { _, place in
            CannedCaller(endpoint: endpoint, region: place.region) { _, operation, _ in try answer(operation) }
        }
        return try await inventory.read(at: ImpactEstate.now).snapshot()
    }

    @Test("says why where no service did, and a time-out is no answer that cannot be read")
    func why() async throws {
        let endpoint = try Endpoint("https://example.com")
        let snapshot = try await read { operation in
            switch operation {
            case "ListTopics": throw AWSError.noAnswer(operation: operation, endpoint: endpoint, reason: "time is up")
            case "ListQueues": throw AWSError.unanswered(operation: operation, endpoint: endpoint, reason: "it is HTML")
            case "ListTables": throw AWSError.unreachable(operation: operation, endpoint: endpoint, reason: "no route")
            default: return nil
            }
        }
        #expect(
            snapshot.unread.map { [$0.operation, $0.reason.rawValue, $0.message?.text] } == [
                ["ListTables", "unreachable", "no route"], ["ListTopics", "no-answer", "time is up"],
                ["ListQueues", "unusable", "it is HTML"],
            ])
        #expect(snapshot.unread.allSatisfy { $0.canPass })
        #expect(try InventorySnapshot(try snapshot.lines(), from: "a") == snapshot)
    }

    @Test(
        "can pass where credentials ended or somebody between answered; not where permissions are missing",
        arguments: [
            ("ExpiredTokenException", 400, true, true), ("HTTP 403", 403, true, false), ("HTTP 404", 404, true, false),
            ("Throttling", 400, true, false), ("AccessDenied", 403, false, false),
            ("InvalidParameter", 400, false, false),
        ])
    func passing(_ code: String, _ status: Int, _ canPass: Bool, _ isEnded: Bool) async throws {
        let snapshot = try await read { operation in
            guard operation == "ListTopics" else { return nil }
            guard !code.hasPrefix("HTTP") else {
                throw AWSError.service(ServiceError(operation: operation, code: .unnamed, message: "", status: status))
            }
            throw CannedCaller.refusal(code, operation, status: status)
        }
        let gap = try #require(snapshot.unread.first)
        #expect(gap.code?.text == code && gap.canPass == canPass && gap.isOfEndedCredentials == isEnded)
    }

    @Test("an automated backup without an ARN and a key hides nothing; one with a key and no ARN cannot be told of")
    func backups() async throws {
        let key = ImpactEstate.arn("k-1")
        @Sendable func listing(_ second: String) -> String {
            """
            <DescribeDBInstanceAutomatedBackupsResponse><DescribeDBInstanceAutomatedBackupsResult>\
            <DBInstanceAutomatedBackups><DBInstanceAutomatedBackup><DBInstanceAutomatedBackupsArn>b\
            </DBInstanceAutomatedBackupsArn><KmsKeyId>\(key)</KmsKeyId></DBInstanceAutomatedBackup>\
            <DBInstanceAutomatedBackup>\(second)</DBInstanceAutomatedBackup></DBInstanceAutomatedBackups>\
            </DescribeDBInstanceAutomatedBackupsResult></DescribeDBInstanceAutomatedBackupsResponse>
            """
        }
        let operation = "DescribeDBInstanceAutomatedBackups"
        for (second, found) in [("<Status>active</Status>", 1), ("<KmsKeyId>\(key)</KmsKeyId>", 0)] {
            let snapshot = try await read { $0 == operation ? listing(second) : nil }
            #expect(snapshot.references.map(\.resource.text) == Array(repeating: "b", count: found))
            #expect(snapshot.unread.map(\.operation) == (found == 1 ? [] : [operation]))
        }
    }

    @Test("the account's own key for new EBS volumes is a use of it; AWS's is none")
    func ebsDefault() async throws {
        func snapshot(_ name: String) async throws -> InventorySnapshot {
            try await read { operation in
                operation == "GetEbsDefaultKmsKeyId"
                    ? "<\(operation)Response><kmsKeyId>\(name)</kmsKeyId></\(operation)Response>" : nil
            }
        }
        let own = try await snapshot(ImpactEstate.arn("k-1"))
        #expect(own.references.map(\.type) == ["AWS::EC2::EbsDefaultKmsKey"])
        #expect(own.references.map(\.key?.text) == [ImpactEstate.arn("k-1")] && own.unread.isEmpty)
        for name in ["alias/aws/ebs", "arn:aws:kms:eu-central-1:111122223333:alias/aws/ebs"] {
            let theirs = try await snapshot(name)
            #expect(theirs.references.isEmpty)
        }
    }
}
