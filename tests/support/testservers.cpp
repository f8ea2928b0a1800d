// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QTextStream>

using namespace tidemark;

// The fixture of the tests that need servers: "fresh" begins with nothing left of a run before, "down" leaves nothing.
int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    QStringList arguments = app.arguments().mid(1);
    const QString verb = arguments.isEmpty() ? QString() : arguments.takeFirst();
    QTextStream out(stdout);

    if (verb == QLatin1String("down") && arguments.isEmpty()) {
        if (!test::removeAll())
            out << "Other tests of this build run: their servers stay.\n";
        return 0;
    }
    if (verb == QLatin1String("up") || verb == QLatin1String("fresh")) {
        if (verb == QLatin1String("fresh") && !test::removeAll())
            out << "Other tests of this build run: their servers are used as they are.\n";
        for (const QString &name : arguments.isEmpty() ? test::serverNames() : arguments) {
            if (QString why; !test::isAvailable(name, &why)) {
                out << name << ": " << why << "\n";
                if (test::serversAreRequired())
                    return 1;
                continue;
            }
            if (const Status started = test::startShared(name); !started) {
                out << name << ": " << test::describe(started.error()) << "\n";
                return 1;
            }
            out << name << ": " << test::server(name).withoutPassword() << "\n";
        }
        return 0;
    }
    out << "usage: tidemark-testservers up [NAME…] | fresh [NAME…] | down\n"
           "Names: "
        << test::serverNames().join(QLatin1Char(' ')) << "\n";
    return 2;
}
