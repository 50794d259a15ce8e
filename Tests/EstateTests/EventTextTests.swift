import Evidence
import Foundation
import TestSupport
import Testing

/// Texts that are an event but for one thing, or in spite of one, before both verifiers.
@Suite("An event's JSON")
struct EventTextTests {
    /// A text, and what is wrong with it.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        /// nil where nothing is.
        let reason: String?
    }

    private static let notJSON = "it is not JSON"
    private static let good = try? ExampleCeremony().events()[0].text()

    /// A value where nobody looks, so that nothing else can be wrong with the event.
    private static func inside(_ value: String, _ reason: String?) -> Case {
        Case(
            testDescription: "inside: \(value.prefix(40).debugDescription)",
            text: #"{"x":"# + value + "," + (good ?? "").dropFirst(), reason: reason)
    }

    private static func around(_ before: String, _ after: String, _ reason: String?) -> Case {
        Case(
            testDescription: "around: \(before.debugDescription), \(after.debugDescription)",
            text: before + (good ?? "") + after, reason: reason)
    }

    private static func nested(_ levels: Int, _ open: String, _ close: String) -> String {
        String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
    }

    static let cases: [Case] =
        [
            "", "01", "-01", "00", "1.", ".5", "+1", "-", "- 1", "1e", "1e+", "nan", "NaN", "Infinity", "-Infinity",
            "0x1",
            "tru", "truefalse", "True", "null1", "1 2", "1x", "\"\t\"", "\"\0\"", "\"\n\"", #""\x""#, #""\u12""#,
            #""\U0041""#,
            #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, #""\""#, "[1,]", "[,1]", "[,]", "[1 2]",
            "[1}", #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a"::1}"#, #"{"a":}"#, #"{"a":1,}"#, "{,}", "{a:1}", "{'a':1}",
            "{1:2}", "{null:2}", #"{"b"}"#, "'a'", #""b""c""#, "1/**/", "1//\n", "\u{A0}1", "\u{B}1", "1\u{B}",
            "\u{FEFF}1", "[1", "}",
        ].map { inside($0, notJSON) }
        + [
            "[1,-0,0.5,1.5e+3,0.1E5,-12.0e-3,true,false,null,{},[],\"\"]", "123456789012345678901234567890", "1e999",
            "\r\n\t[ ]", #""\n\/\b\f\r\t\"\\\u0000\u00e9\uD83D\uDE00 日本 \#u{7F}\#u{FEFF}""#,
            nested(63, "[", "]"), nested(63, #"{"a":"#, "}"),
        ].map { inside($0, nil) }
        + [nested(64, "[", "]"), nested(64, #"{"a":"#, "}"), nested(200, "[", "]")].map {
            inside($0, "it is nested over 64 deep")
        }
        + [
            around("", "x", notJSON), around("", "}", notJSON), around("", ",", notJSON), around("", "{}", notJSON),
            around("", " 1", notJSON), around("\u{FEFF}", "", notJSON), around("\u{B}", "", notJSON),
            around("", "\u{B}", notJSON), around("", "\0", notJSON), around("\u{A0}", "", notJSON),
            around("", "//", notJSON),
            around("# \n", "", notJSON), around("[", "]", "it is not an object"), around(#"{"a":"#, "", notJSON),
            around(" \r\n\t", " \r\n\t", nil),
            Case(testDescription: "cut off", text: String((good ?? "").dropLast()), reason: notJSON),
            Case(testDescription: "empty", text: "", reason: notJSON),
            Case(testDescription: "null", text: "null", reason: "it is not an object"),
            Case(
                testDescription: "a text alone", text: "\"\((good ?? "").replacing("\"", with: ""))\"",
                reason: "it is not an object"),
        ]

    @Test("is refused where another reader could take it for something else, and why is said", arguments: cases)
    func read(_ one: Case) throws {
        try #require(Self.good != nil)
        let reason: String?
        do {
            #expect(try AWSEvent(Array(one.text.utf8)).name == "GetParametersForImport")
            reason = nil
        } catch { reason = error.reason }
        #expect(reason == one.reason)
    }

    @Test("has no name twice, in whatever way it is written, at whatever depth")
    func twice() throws {
        let event = try #require(Self.good).dropFirst()
        for (more, name) in [
            (#""eventName":"Decrypt","#, "eventName"), (#""event\u004eame":"Decrypt","#, "eventName"),
            (#""x":[{"a":{"b":1,"c":2,"b":1}}],"#, "b"), (#""x":{"":1,"":1},"#, ""),
            (#""x":{"é":1,"\u00e9":1},"#, "%C3%A9"),
        ] {
            let error = #expect(throws: AWSEvent.Malformed.self) { try AWSEvent(Array(("{" + more + event).utf8)) }
            #expect(error?.reason == "the name \(name) stands twice in one object")
        }
        // Two names, although Swift takes them for one.
        let other = #""x":{"é":1,"e\u0301":1},"#
        #expect(try AWSEvent(Array(("{" + other + event).utf8)).name == "GetParametersForImport")
    }

    @Test("is judged alike by verify.sh's rules")
    func sameInScript() async throws {
        let rules = try VerifyScript.rules()
        try await withTemporaryFolder { folder in
            let filter = folder.appending(path: "filter.jq")
            try Data("\(rules)\nmap(is_event_text)".utf8).write(to: filter)
            let texts = try JSONEncoder().encode(Self.cases.map(\.text))
            let run = try await runProcess("jq", ["-c", "-f", filter.path], input: Array(texts))
            try #require(run.status == 0, "\(run.stderrText)")
            let theirs = try JSONDecoder().decode([Bool].self, from: Data(run.stdout))
            try #require(theirs.count == Self.cases.count)
            for (one, isEvent) in zip(Self.cases, theirs) { #expect(isEvent == (one.reason == nil), "\(one)") }
        }
    }

    @Test("may have what AWS hardly writes, and texts of it are fit to be shown")
    func shown() throws {
        var other = try ExampleCeremony().events()[0]
        other["userIdentity"] = ["arn": "arn:aws:iam::1:user/\u{212A}\u{1b}%"]
        #expect(try AWSEvent(other.bytes()).caller == "arn:aws:iam::1:user/%E2%84%AA%1B%25")
    }
}
