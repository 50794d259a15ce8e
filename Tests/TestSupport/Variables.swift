package import AWS
import Foundation

/// An environment of a test's own, since a process has but one.
package final class Variables: Sendable {
    // Unchecked by the compiler: written by init alone, freed by deinit.
    private nonisolated(unsafe) let values: [String: UnsafeMutablePointer<CChar>?]

    package init(_ values: [String: String]) {
        self.values = values.mapValues { strdup($0) }
    }

    deinit {
        for value in values.values { free(value) }
    }

    package var environment: EnvironmentVariables {
        EnvironmentVariables { name in self.values[name].flatMap { $0 }.map { UnsafePointer($0) } }
    }
}
