import Ceremony
import Synchronization

/// People who say what a test gives them, at the next occasion, once.
final class Speakers: AttendancePort {
    private let waiting = Mutex<[Interjection]>([])

    func say(_ interjections: Interjection...) { waiting.withLock { $0 += interjections } }

    func takeBack(_ interjections: [Interjection]) { waiting.withLock { $0 = interjections + $0 } }

    func interjections() async throws -> [Interjection] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
