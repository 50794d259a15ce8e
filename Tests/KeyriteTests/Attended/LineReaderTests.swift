import Room
import Synchronization
import Testing

@Suite("A line at a terminal")
struct LineReaderTests {
    @Test("is echoed as it is typed, and shown anew after a correction or a change of size")
    func echo() async {
        let terminal = ScriptedTerminal("bem\u{7F}n".utf8.map(TerminalEvent.byte) + [.resized, .byte(0x0A)])
        let repaints = Mutex(0)
        let answer = await LineReader(terminal, prompt: "> ").read(limit: 100) { repaints.withLock { $0 += 1 } }
        #expect(answer == .line("ben"))
        #expect(repaints.withLock { $0 } == 1)
        #expect(terminal.shown.hasPrefix("> bem\r> be "))
        #expect(terminal.shown.hasSuffix("\r> ben\n"))
    }

    @Test("shows its end when it is longer than the screen is wide, and keeps all of it")
    func longLine() async {
        let text = String(repeating: "0123456789", count: 10)
        let terminal = ScriptedTerminal(text.utf8.map(TerminalEvent.byte) + [.byte(0x0D)])
        let answer = await LineReader(terminal, prompt: "> ").read(limit: 100) {}
        #expect(answer == .line(text))
        for line in terminal.shown.split(whereSeparator: { $0 == "\r" || $0 == "\n" }) { #expect(line.count < 40) }
    }

    @Test(
        "gives way to what is no text, and drops what was typed",
        arguments: [
            (TerminalEvent.interrupted, LineReader.Answer.interrupted), (.ended(15), .ended(15)),
            (.byte(0x0E), .control(0x0E)),
        ])
    func others(event: TerminalEvent, answer: LineReader.Answer) async {
        let terminal = ScriptedTerminal([.byte(0x61), event])
        #expect(await LineReader(terminal, prompt: "> ").read(limit: 100) {} == answer)
    }
}

/// A terminal of 40 columns at which everything is typed beforehand; after the last event it has ended.
final class ScriptedTerminal: TerminalPort {
    private let events: Mutex<[TerminalEvent]>
    private let text = Mutex("")

    init(_ events: [TerminalEvent]) { self.events = Mutex(events) }

    var shown: String { text.withLock { $0 } }
    var isPlain: Bool { true }
    var size: TerminalSize { TerminalSize(columns: 40, rows: 24) }

    func write(_ text: String) { self.text.withLock { $0 += text } }
    func discardTyped() {}
    func onInterrupt(_ action: @escaping @Sendable () -> Void) {}
    func next() async -> TerminalEvent { pending() ?? .ended(1) }
    func pending() -> TerminalEvent? { events.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    func readSecret(limit: Int) async throws -> SecretEntry { .event(.ended(1)) }
}
