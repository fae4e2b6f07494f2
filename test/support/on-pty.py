"""Runs a command on a pseudo-terminal: on-pty.py COLUMNS ROWS COMMAND...

Standard input is what is typed, standard output what the terminal gets. Lines on descriptor 3 set another size
('80 24'). Descriptor 4 gets a line of JSON with the process id, and one with how the command ended and whether the
terminal echoes and edits lines afterwards.
"""
import fcntl, json, os, pty, select, struct, sys, termios

columns, rows, *command = sys.argv[1:]
reports = os.fdopen(4, 'w')

def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))

def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]

master, slave = pty.openpty()
resize(slave, columns, rows)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2:
        os.dup2(slave, fd)
    os.closerange(3, 10)
    os.execvp(command[0], command)

print(json.dumps({'pid': pid}), file=reports, flush=True)
inputs, status = [master, 0, 3], None
while True:
    ready, _, _ = select.select(inputs, [], [], 0.05)
    for fd in ready:
        data = os.read(fd, 65536)
        if fd == master:
            write_all(1, data)
        elif not data:
            inputs.remove(fd)
        elif fd == 0:
            write_all(master, data)
        else:
            resize(master, *data.decode().split('\n')[-2].split())
    # The slave is open here too, so the end of the output is when nothing comes after the command has ended.
    if status is not None and master not in ready:
        break
    if status is None:
        ended, code = os.waitpid(pid, os.WNOHANG)
        status = code if ended == pid else None

modes = termios.tcgetattr(slave)[3]
end = {
    'code': os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    'signal': os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
    'editsLines': bool(modes & termios.ICANON),
    'echoes': bool(modes & termios.ECHO),
}
print(json.dumps(end), file=reports, flush=True)
