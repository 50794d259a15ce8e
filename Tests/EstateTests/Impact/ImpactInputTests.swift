import Estate
import Evidence
import Foundation
import Testing

@Suite("Prices and quantities that people give")
struct ImpactInputTests {
    private static let good = """
        {"schema":"keyrite.prices/1","region":"eu-central-1","currency":"USD","validUntil":"2026-08-01",\
        "prices":{"kms-key":{"amount":"1.00","per":"key and month"}}}
        """

    private func prices(_ text: String, at time: String = "2026-08-01T23:59:59Z") throws -> PriceList {
        try PriceList(Array(text.utf8), from: "prices.json", at: try #require(Timestamp(time)))
    }

    @Test("a price list is taken on its last day, and refused in the second after")
    func lastDay() throws {
        let list = try prices(Self.good)
        let amount = try #require(Amount("1"))
        #expect(list.currency == "USD" && list.amounts == [.kmsKey: amount])
        let error = #expect(throws: EstateError.self) { try prices(Self.good, at: "2026-08-02T00:00:00Z") }
        #expect(
            error?.description == "prices.json: validUntil: these prices held until 2026-08-01; look them up "
                + "again, "
                + "and give the day until when")
    }

    static let wrong: [(String, String, String)] = [
        (#""USD""#, #""usd""#, "currency: it is to be three capital letters"),
        (#""USD""#, #""US Dollar""#, "currency: it is to be three capital letters"),
        (#""USD""#, "1", "currency: it is to be text"),
        (#""currency":"USD","#, "", "currency is missing"),
        ("2026-08-01", "2026-02-30", "validUntil: it is to be a day"),
        ("2026-08-01", "08/01/2026", "validUntil: it is to be a day"),
        ("key and month", "key and year", "prices.kms-key.per: it is key and year, and is to be key and month"),
        (#""1.00""#, "1.00", "prices.kms-key.amount: it is to be text"),
        (#""1.00""#, #""-1""#, "prices.kms-key.amount: it is to be text with up to 6 digits"),
        (#""1.00""#, #""1,00""#, "prices.kms-key.amount: it is to be text with up to 6 digits"),
        (#""1.00""#, #""1.""#, "prices.kms-key.amount: it is to be text with up to 6 digits"),
        (#""1.00""#, #""1234567""#, "prices.kms-key.amount: it is to be text with up to 6 digits"),
        ("kms-key", "kms-keys", "prices: nobody here knows kms-keys; known are kms-key, "),
        (#""amount":"#, #""price":"#, "prices.kms-key: nobody here knows price; known are amount, per"),
        (#""currency":"#, #""currency":"EUR","currency":"#, "the name currency stands twice in one object"),
        (#"{"kms-key":{"#, #"{"kms-key":{"amount":"1","per":"key and month"},"kms-key":{"#, "kms-key stands twice"),
        (
            "keyrite.prices/1", "keyrite.prices/2",
            "schema: it is keyrite.prices/2, and this version reads "
                + "keyrite.prices/1"
        ),
        ("eu-central-1", "EU (Frankfurt)", "region: it is to be a Region"),
        (
            #""validUntil""#, #""chargedRotations":-1,"validUntil""#,
            "chargedRotations: it is to be a whole number from "
                + "0 to 25"
        ),
        (#""validUntil""#, #""note":"x","validUntil""#, "nobody here knows note"),
        ("}}}", "}}", "\",\" or \"}\" is missing"), ("}}}", "}}} ", ""), ("}}}", "}}}x", "bytes follow"),
    ]

    @Test("a price list that is wrong is refused, each wrong thing in words of its own", arguments: wrong)
    func wrongPrices(_ old: String, _ new: String, _ words: String) throws {
        let text = Self.good.replacing(old, with: new)
        #expect(text != Self.good)
        guard !words.isEmpty else {
            _ = try prices(text)
            return
        }
        let error = #expect(throws: EstateError.self) { try prices(text) }
        #expect(error?.description.hasPrefix("prices.json: ") == true)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "-")")
    }

    @Test("quantities are whole numbers of known names, and each resource stands once")
    func quantities() throws {
        func read(_ resources: String) throws {
            _ = try QuantityList(Array(#"{"schema":"keyrite.quantities/1","resources":\#(resources)}"#.utf8), from: "q")
        }
        try read(#"{"a":{"objects":1000000000000,"gigabytes":0},"ü<b>":{}}"#)
        let wrong = [
            (#"{"a":{"objects":1.5}}"#, "resources.a.objects: it is to be a whole number"),
            (#"{"a":{"objects":1e3}}"#, "whole number"), (#"{"a":{"objects":-1}}"#, "whole number"),
            (#"{"a":{"objects":1000000000001}}"#, "from 0 to 1000000000000"),
            (
                #"{"a":{"objects":"5"}}"#,
                "whole "
                    + "number"
            ),
            (#"{"a":{"object":5}}"#, "nobody here knows object; known are objects, requests, gigabytes, hours"),
            (#"{"a":{},"a":{}}"#, "a stands twice"), (#"{"a":[]}"#, "it is to be an object"),
            (
                "[]",
                "it is to be an "
                    + "object"
            ),
        ]
        for (resources, words) in wrong {
            let error = #expect(throws: EstateError.self) { try read(resources) }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "-")")
        }
    }

    @Test(
        "the examples in ceremony/impact.md are taken as they stand, and every item is in its table with what it is of")
    func documented() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../../ceremony/impact.md").standardized
        let text = try String(contentsOf: path, encoding: .utf8)
        let examples = text.components(separatedBy: "```\n").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        #expect(examples.count == 2)
        _ = try QuantityList(Array(try #require(examples.first).utf8), from: "example")
        #expect(try prices(try #require(examples.last)).chargedRotations == 2)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for item in PriceItem.allCases {
            #expect(rows.contains { $0.contains("`\(item.rawValue)`") && $0.contains("| `\(item.per)` |") }, "\(item)")
        }
        for grade in RiskGrade.allCases { #expect(rows.contains { $0.hasPrefix("| `\(grade.rawValue)` |") }) }
    }

    @Test("amounts are exact to a billionth, and half of one counts")
    func amounts() throws {
        func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }
        #expect(try amount("0.03").times(7, per: 10_000).text == "0.000021")
        #expect(try amount("0.000000001").times(5, per: 10).text == "0.000000001")
        #expect(try amount("0.000000001").times(4, per: 10).text == "0.00")
        #expect(try amount("999999.999999999").times(10_000_000_000_000, per: 1).text == "9999999999999990000.00")
        #expect(try (amount("0.1") + amount("0.2")).text == "0.30")
        #expect(try amount("12").text == "12.00" && amount("000012.5").text == "12.50")
        for wrong in ["", ".5", "1.", "1.0000000000", "+1", "1 ", "1e3", "0x1", "١", "1.2.3"] {
            #expect(Amount(wrong) == nil, "\(wrong)")
        }
    }
}
