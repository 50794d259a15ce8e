/// What people said or the program was told, and no trouble of a port: whatever is under way ends by it.
package protocol SaidToStop: Error {}
