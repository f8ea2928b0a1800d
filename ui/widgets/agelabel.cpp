// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/agelabel.h"

#include "core/base/units.h"

#include <QDateTime>

namespace tidemark::ui {

AgeLabel::AgeLabel(QWidget *parent)
    : QLabel(parent)
{
    setForegroundRole(QPalette::PlaceholderText);
}

void AgeLabel::setTime(std::optional<Instant> at, Instant now)
{
    setText(at ? units::age(*at, now) : QString());
    setToolTip(at ? absoluteTime(*at) : QString());
}

QString absoluteTime(Instant at)
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(toEpochMicros(at) / 1000);
    return time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss ")) + time.timeZoneAbbreviation();
}

} // namespace tidemark::ui
