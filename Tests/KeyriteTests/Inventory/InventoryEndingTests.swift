import Estate
import Foundation
import KeyriteCommands
import TestSupport
import Testing

@Suite("The end of a reading")
struct InventoryEndingTests {
    private static func snapshot(_ regions: [String], unread: [[String: Any]] = []) throws -> InventorySnapshot {
        let header = try InventoryPageTests.line([
            "schema": "keyrite.inventory/2", "accounts": ["111122223333"], "partition": "aws", "regions": regions,
            "at": "2026-11-27T16:00:00Z",
        ])
        let lines = [header] + (try unread.map(InventoryPageTests.line))
        return try InventorySnapshot(Array(lines.map { $0 + "\n" }.joined().utf8), from: "snapshot")
    }

    private static func gap(_ reason: String, _ code: String) -> [String: Any] {
        [
            "kind": "unread", "service": "sns", "account": "111122223333", "region": "eu-central-1",
            "operation": "ListTopics", "reason": reason, "code": code,
        ]
    }

    @Test("keeps the parts while something can pass, and says how to go on; with new credentials where these ended")
    func parts() throws {
        let here = ["eu-central-1"]
        for (gap, keeps, isEnded) in [
            (Self.gap("refused", "ExpiredTokenException"), true, true),
            (Self.gap("throttled", "Throttling"), true, false),
            (Self.gap("refused", "HTTP 403"), true, false), (Self.gap("denied", "AccessDenied"), false, false),
        ] {
            let ending = InventoryEnding(try Self.snapshot(here, unread: [gap]), older: nil)
            #expect(ending.keepsParts == keeps)
            let words = ending.words(of: "out", "out.parts", afresh: false)
            #expect(words.count == (keeps ? isEnded ? 2 : 1 : 0))
            if keeps {
                #expect(words[0].contains("1 thing could not be read that may be the next time. The same command asks"))
                #expect(words[0].contains("out.parts"))
                #expect(words.last?.contains("get new ones") == isEnded)
            }
        }
        #expect(!InventoryEnding(try Self.snapshot(here), older: nil).keepsParts)
    }

    @Test("a snapshot is better than a newer one that could not read what it has; what neither has is no loss")
    func lost() throws {
        let folder = try TemporaryFolder()
        let here = ["eu-central-1"]
        let gap = Self.gap("throttled", "Throttling")
        let elsewhere = gap.merging(["region": "us-east-1"]) { $1 }
        let topic = gap.merging(["operation": "GetTopicAttributes", "resource": "arn:aws:sns:::a"]) { $1 }
        func key(_ operation: String, _ id: String) -> [String: Any] {
            gap.merging(["service": "kms", "operation": operation, "resource": "arn:aws:kms:::key/\(id)"]) { $1 }
        }
        let gone = gap.merging(["reason": "gone", "operation": "GetTopicAttributes"]) { $1 }
        for (older, newer, isLost) in [
            ([], [gap], true), ([gap], [gap], false), ([], [elsewhere], false), ([], [gone], false), ([], [], false),
            ([gap.merging(["operation": "GetTopicAttributes"]) { $1 }], [gap], true),
            // Of topics that it could not list it has nothing; of others' gaps that says nothing.
            ([gap], [topic], false), ([key("DescribeKey", "a")], [key("GetKeyPolicy", "a")], false),
            ([key("DescribeKey", "a")], [key("GetKeyPolicy", "b")], true),
            ([gap.merging(["service": "sqs"]) { $1 }], [topic], true), ([], [topic], true),
        ] as [([[String: Any]], [[String: Any]], Bool)] {
            let path = try folder.write(try Self.snapshot(here, unread: older).lines(), to: "out")
            let glance = try #require(SnapshotGlance(at: path))
            #expect(glance.lost(by: try Self.snapshot(here, unread: newer)).count == (isLost ? 1 : 0))
            #expect(glance.suffix == "20261127T160000Z")
        }
    }

    @Test("says that a snapshot of other Regions was replaced, and nothing of one of the same")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try Self.snapshot(["eu-central-1"]).lines(), to: "out")
        let older = try #require(SnapshotGlance(at: path))
        for (regions, count) in [(["eu-central-1"], 0), (["us-east-1"], 1)] {
            let words = InventoryEnding(try Self.snapshot(regions), older: older).words(of: path, nil, afresh: false)
            #expect(words.count == count)
            #expect(words.allSatisfy { $0.contains("of other Regions, read 2026-11-27T16:00:00Z") })
        }
    }
}
