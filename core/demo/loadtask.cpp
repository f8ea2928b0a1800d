// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/loadtask.h"

#include "core/base/units.h"
#include "resources/resources.h"

#include <QDir>
#include <QFile>

namespace tidemark::demo {

namespace {

LoadTask readTask(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is not part of this program", qPrintable(path));
    LoadTask task;
    task.name = path.section(QLatin1Char('/'), -1).chopped(4);
    QStringList sql;
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        const QString key = line.section(QLatin1Char(':'), 0, 0);
        const QString value = line.section(QLatin1Char(':'), 1).trimmed();
        if (key == QLatin1String("-- application"))
            task.application = value;
        else if (key == QLatin1String("-- every"))
            task.every = units::parseDuration(value).value_or(Millis(0));
        else if (key == QLatin1String("-- fails"))
            task.mayFail = value == QLatin1String("on purpose");
        else
            sql += line;
    }
    // What the server shows of a statement is what its application would have sent.
    task.sql = sql.join(QLatin1Char('\n')).trimmed().toUtf8();
    if (task.application.isEmpty() || task.every.count() <= 0)
        qFatal("%s does not say whose it is and how often it runs", qPrintable(path));
    return task;
}

} // namespace

std::vector<LoadTask> loadTasks(const QString &database)
{
    initResources();
    const QDir folder(QStringLiteral(":/demo/%1/load").arg(database));
    std::vector<LoadTask> tasks;
    const QStringList files = folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name);
    for (const QString &file : files)
        tasks.push_back(readTask(folder.filePath(file)));
    return tasks;
}

} // namespace tidemark::demo
