import Evidence
import TestSupport
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test("What we write, jq -cS writes too, from whatever form it is given", arguments: [1, 2, 3] as [UInt64])
    func equalsJq(seed: UInt64) async throws {
        var sloppy = SloppyJSON(random: SeededGenerator(state: seed))
        var canonical: [UInt8] = []
        var careless = ""
        for _ in 0..<400 {
            let value = sloppy.value()
            canonical += try CanonicalJSON.encode(value) + [UInt8(ascii: "\n")]
            careless += sloppy.write(value) + "\n"
        }
        let fromCareless = try await runProcess(["jq", "-cS", "."], input: Array(careless.utf8))
        let fromCanonical = try await runProcess(["jq", "-cS", "."], input: canonical)
        #expect(fromCareless.status == 0 && fromCanonical.status == 0)
        #expect(fromCareless.stdout == canonical)
        #expect(fromCanonical.stdout == canonical)
    }

    @Test("What we write we read back, and every change of one byte is refused or is another value")
    func roundTrip() throws {
        var sloppy = SloppyJSON(random: SeededGenerator(state: 4))
        for _ in 0..<200 {
            let value = sloppy.value()
            let bytes = try CanonicalJSON.encode(value)
            #expect(try CanonicalJSON.parse(bytes) == value)
            #expect(try CanonicalJSON.decode(JSONValue.self, from: bytes) == value)
            for index in bytes.indices where bytes.count < 200 {
                var changed = bytes
                changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &sloppy.random)
                guard let read = try? CanonicalJSON.parse(changed) else { continue }
                #expect(read != value)
                #expect(try CanonicalJSON.encode(read) == changed)
            }
        }
    }

    @Test("Any value passes through Codable unchanged")
    func bridge() throws {
        struct Box: Codable, Equatable { var content: JSONValue }
        var sloppy = SloppyJSON(random: SeededGenerator(state: 5))
        for _ in 0..<100 {
            let box = Box(content: sloppy.value())
            let bytes = try CanonicalJSON.encode(box)
            #expect(try bytes == CanonicalJSON.encode(JSONValue.object(["content": box.content])))
            #expect(try CanonicalJSON.decode(Box.self, from: bytes) == box)
        }
    }

    @Test("Every other form is refused, with its place", arguments: Refusal.table)
    func refused(_ refusal: Refusal) throws {
        let error = try #require(throws: CanonicalJSONError.self) {
            try CanonicalJSON.parse(Array(refusal.text.utf8))
        }
        #expect(error.offset == refusal.offset, "\(error)")
        #expect(error.path == refusal.path, "\(error)")
        #expect(throws: error) { try CanonicalJSON.decode(JSONValue.self, from: Array(refusal.text.utf8)) }
    }

    @Test("A byte that is no UTF-8 is refused")
    func invalidUTF8() throws {
        let error = try #require(throws: CanonicalJSONError.self) {
            try CanonicalJSON.parse([UInt8(ascii: "\""), 0xC3, 0x28, UInt8(ascii: "\"")])
        }
        #expect(error.offset == 1)
    }

    @Test("Sixty-four containers may nest and no more, in reading and in writing")
    func depth() throws {
        func nested(_ depth: Int) -> JSONValue {
            (1..<depth).reduce(.array([])) { inner, level in
                level.isMultiple(of: 2) ? .array([inner]) : .object(["k": inner])
            }
        }
        let deepest = try CanonicalJSON.encode(nested(64))
        #expect(try CanonicalJSON.parse(deepest) == nested(64))
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.encode(nested(65)) }
        let bracket = UInt8(ascii: "[")
        #expect(throws: CanonicalJSONError.self) {
            try CanonicalJSON.parse([bracket] + deepest + [UInt8(ascii: "]")])
        }
        #expect(throws: CanonicalJSONError.self) {
            try CanonicalJSON.parse([UInt8](repeating: bracket, count: 1 << 20))
        }
    }

    @Test("A document over the limit is not looked at")
    func limit() throws {
        let bytes = Array("[10]".utf8)
        #expect(try CanonicalJSON.parse(bytes, limit: 4) == .array([.integer(10)]))
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.parse(bytes, limit: 3) }
        #expect(throws: CanonicalJSONError.self) { try CanonicalJSON.decode([Int].self, from: bytes, limit: 3) }
    }

    @Test("A value that evidence cannot hold is not written, and its place is named")
    func unwritable() throws {
        struct Slots<T: Encodable>: Encodable { let slots: [T] }
        #expect(try refusal(Slots(slots: ["fine", "caf\u{E9}"])).path == "$.slots[1]")
        #expect(try refusal(Slots(slots: ["a\nb"])).path == "$.slots[0]")
        #expect(try refusal(Slots(slots: ["\u{7F}"])).path == "$.slots[0]")
        #expect(try refusal(Slots(slots: [Int64(1) << 53])).path == "$.slots[0]")
        #expect(try refusal(Slots(slots: [1.5])).path == "$.slots[0]")
        #expect(try refusal(Slots(slots: [Double.nan])).path == "$.slots[0]")
        #expect(try refusal(Slots<Int?>(slots: [nil])).path == "$.slots[0]")
        #expect(try refusal(["caf\u{E9}": 1]).path == "$")
        #expect(try refusal(JSONValue.array([.integer(.min)])).path == "$[0]")
        #expect(try refusal(JSONValue.object(["k": .string("\u{0}")])).path == "$.k")
        #expect(try refusal(JSONValue.object(["\u{80}": .bool(true)])).offset == nil)
    }

    private func refusal(_ value: some Encodable) throws -> CanonicalJSONError {
        try #require(throws: CanonicalJSONError.self) { try CanonicalJSON.encode(value) }
    }

    struct Refusal: CustomTestStringConvertible {
        let text: String
        let offset: Int
        var path = "$"
        var testDescription: String { text.debugDescription }

        static let table: [Refusal] = [
            Refusal(text: "", offset: 0),
            Refusal(text: "1.0", offset: 0),
            Refusal(text: "1e3", offset: 0),
            Refusal(text: "[1,2E3]", offset: 3, path: "$[1]"),
            Refusal(text: "-0", offset: 0),
            Refusal(text: "00", offset: 0),
            Refusal(text: "-01", offset: 0),
            Refusal(text: "[007]", offset: 1, path: "$[0]"),
            Refusal(text: "-", offset: 1),
            Refusal(text: "+1", offset: 0),
            Refusal(text: "9007199254740992", offset: 0),
            Refusal(text: "-9007199254740992", offset: 0),
            Refusal(text: "99999999999999999999999999999999", offset: 0),
            Refusal(text: "null", offset: 0),
            Refusal(text: #"{"a":null}"#, offset: 5, path: "$.a"),
            Refusal(text: #"{"a":1,"a":1}"#, offset: 7, path: "$.a"),
            Refusal(text: #"{"b":1,"a":1}"#, offset: 7, path: "$.a"),
            Refusal(text: #"{"aa":1,"a":1}"#, offset: 8, path: "$.a"),
            Refusal(text: #"{"a":1,"B":1}"#, offset: 7, path: "$.B"),
            Refusal(text: #"{"a":1,}"#, offset: 7),
            Refusal(text: #"{"a"}"#, offset: 4),
            Refusal(text: #"{a:1}"#, offset: 1),
            Refusal(text: "[1,]", offset: 3, path: "$[1]"),
            Refusal(text: "[,1]", offset: 1, path: "$[0]"),
            Refusal(text: "[1", offset: 2),
            Refusal(text: "[1}", offset: 2),
            Refusal(text: " 1", offset: 0),
            Refusal(text: "1 ", offset: 1),
            Refusal(text: "1\n", offset: 1),
            Refusal(text: "{}\r\n", offset: 2),
            Refusal(text: "[1, 2]", offset: 3, path: "$[1]"),
            Refusal(text: #"{"a": 1}"#, offset: 5, path: "$.a"),
            Refusal(text: "{}{}", offset: 2),
            Refusal(text: "{}\u{0}", offset: 2),
            Refusal(text: "\u{FEFF}{}", offset: 0),
            Refusal(text: #""a"#, offset: 2),
            Refusal(text: #""\"#, offset: 1),
            Refusal(text: #""\u0041""#, offset: 1),
            Refusal(text: #""\u00e9""#, offset: 1),
            Refusal(text: #""\ud800""#, offset: 1),
            Refusal(text: #""\/""#, offset: 1),
            Refusal(text: #""\n""#, offset: 1),
            Refusal(text: "\"\u{7F}\"", offset: 1),
            Refusal(text: "\"a\tb\"", offset: 2),
            Refusal(text: "\"\u{E9}\"", offset: 1),
            Refusal(text: "'a'", offset: 0),
            Refusal(text: "True", offset: 0),
            Refusal(text: "tru", offset: 0),
            Refusal(text: "falsehood", offset: 5),
            Refusal(text: "NaN", offset: 0),
            Refusal(text: #"{"a":{"b c":[0,true,{"x":01}]}}"#, offset: 25, path: #"$.a["b c"][2].x"#),
        ]
    }
}
