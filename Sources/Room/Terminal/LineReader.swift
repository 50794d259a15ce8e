/// Reads a line at a terminal that echoes nothing by itself.
package struct LineReader: Sendable {
    /// What came of asking.
    package enum Answer: Hashable, Sendable {
        case line(String)
        /// A control byte that is no editing; what was typed is dropped.
        case control(UInt8)
        case interrupted
        case ended(Int32)
    }

    private let terminal: any TerminalPort
    private let prompt: String

    package init(_ terminal: any TerminalPort, prompt: String) {
        self.terminal = terminal
        self.prompt = prompt
    }

    /// - Parameters:
    ///   - limit: The most bytes of UTF-8 that the line may have.
    ///   - repaint: Shows again what stands above the prompt, after a change of size.
    package func read(limit: Int, repaint: @Sendable () -> Void) async -> Answer {
        var editor = LineEditor(limit: limit)
        terminal.write(prompt)
        while true {
            switch await terminal.next() {
            case .resized:
                repaint()
                show(editor.text)
            case .interrupted: return ended(.interrupted)
            case .ended(let signal): return ended(.ended(signal))
            case .byte(let byte):
                switch editor.take(byte) {
                case .added(let character): add(character, to: editor.text)
                case .changed: show(editor.text)
                case .nothing: break
                case .refused: terminal.write("\u{07}")
                case .entered: return ended(.line(editor.text))
                case .control(let byte): return ended(.control(byte))
                }
            }
        }
    }

    private func ended(_ answer: Answer) -> Answer {
        terminal.write("\n")
        return answer
    }

    private var room: Int { max(10, terminal.size.columns - ShownText.columns(prompt) - 1) }

    private func add(_ character: String, to text: String) {
        if ShownText.columns(text) <= room { terminal.write(character) } else { show(text) }
    }

    /// The line anew, on the same row and with nothing but CR: its end, when it has not enough room.
    private func show(_ text: String) {
        var shown = Substring(text)
        while ShownText.columns(shown) > room { shown = shown.dropFirst() }
        let blank = String(repeating: " ", count: room - ShownText.columns(shown))
        terminal.write("\r\(prompt)\(shown)\(blank)\r\(prompt)\(shown)")
    }
}
