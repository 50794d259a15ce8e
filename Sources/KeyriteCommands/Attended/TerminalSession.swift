import Ceremony
import Glibc
import Room

/// Lends the terminal to an attended command, and gives it back however that ends.
enum TerminalSession {
    /// - Parameters:
    ///   - remedy: What to do where there is none; nil where the command needs one in any case.
    ///   - body: May throw `RoomEnd`: people who leave make the command end as one that waits for them, and a signal ends the
    ///     program once everything is put back.
    /// - Throws: `CeremonyError` without a terminal.
    static func hold<R>(
        otherwise remedy: String? = nil, _ body: (TerminalDevice) async throws -> R
    ) async throws -> R {
        let terminal = try remedy.map { try TerminalDevice(otherwise: $0) } ?? TerminalDevice()
        do {
            let result = try await WorkLine.lend { try await body(terminal) }
            terminal.close()
            return result
        } catch RoomEnd.signal(let number) {
            terminal.close()
            end(by: number)
            throw ExitStatus.failed
        } catch RoomEnd.left {
            terminal.close()
            Output.toPeople("Left by the people in the room.")
            throw ExitStatus.waiting
        } catch {
            terminal.close()
            throw error
        }
    }

    private static func end(by number: Int32) {
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, nil)
        kill(getpid(), number)
    }
}
