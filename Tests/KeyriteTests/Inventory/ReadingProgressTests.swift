import Estate
import KeyriteCommands
import Testing

@Suite("How far an inventory is")
struct ReadingProgressTests {
    private static let unit = InventoryUnit(account: "111122223333", region: "eu-central-1", service: "s3")

    @Test(
        "is said in one line, with the time that is left, and with less where the terminal is narrow",
        arguments: [
            (0, 0, 80, "0 of 40 read: s3 111122223333 eu-central-1"),
            (10, 10, 80, "10 of 40 read, about 30 s left: s3 111122223333 eu-central-1"),
            (10, 90, 80, "10 of 40 read, about 5 min left: s3 111122223333 eu-central-1"),
            (10, 7_200, 80, "10 of 40 read, about 6 h left: s3 111122223333 eu-central-1"),
            (39, 1, 80, "39 of 40 read, about 1 s left: s3 111122223333 eu-central-1"),
            (40, 90, 80, "40 of 40 read: s3 111122223333 eu-central-1"),
            (10, 90, 33, "10 of 40 read, about 5 min left"), (10, 90, 32, "10 of 40 read, about 5 min left"),
            (10, 90, 31, "10/40"), (10, 90, 6, "10/40"), (10, 90, 5, ""),
        ])
    func line(_ done: Int, _ seconds: Int, _ columns: Int, _ line: String) {
        #expect(
            ReadingProgress.line(done, of: 40, after: .seconds(seconds), last: Self.unit, columns: columns) == line)
    }
}
