import KMSEmulator
import Testing

@Suite("The emulator remembers the last calls, however many there were")
struct CallLogTests {
    @Test("the oldest half is forgotten, and counted")
    func bounded() {
        var log = CallLog(capacity: 4)
        for number in 1...11 { log.append(ServedCall(operation: "\(number)")) }
        #expect(log.calls.map(\.operation) == ["9", "10", "11"])
        #expect(log.forgotten == 8)
    }

    @Test("what a caller made up is kept to the length that AWS takes")
    func lengths() {
        var log = CallLog()
        let long = String(repeating: "x", count: 5000)
        log.append(ServedCall(operation: long, keyId: long, error: "ValidationException"))
        let kept = String(repeating: "x", count: 2048)
        #expect(log.calls == [ServedCall(operation: kept, keyId: kept, error: "ValidationException")])
    }

    @Test("a keyring keeps no more than that")
    func keyring() async {
        let test = TestKeyring()
        for _ in 0...CallLog.usualCapacity { await test.keyring.record("DescribeKey", key: nil, error: nil) }
        #expect(await test.keyring.log.calls.count <= CallLog.usualCapacity)
        #expect(await test.keyring.log.forgotten > 0)
    }
}
