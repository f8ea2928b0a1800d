// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/runsettingsform.h"

#include "ui/services/theme.h"

#include <QFormLayout>
#include <QJsonObject>
#include <QLabel>
#include <QSpinBox>

namespace tidemark::ui {

namespace {

constexpr qint64 megabyte = 1024 * 1024;

/// How one setting is shown. A least below 0 stands for "not watched" or "never".
struct Shown
{
    const char *key;
    QString label;
    QString suffix;
    QString absent; ///< what the least value means; empty: the setting is always there
    int least;
    int most;
    qint64 scale;
    QString toolTip;
};

QList<Shown> workSettings()
{
    return {
        {"workers",
         RunSettingsForm::tr("&Workers"),
         {},
         {},
         1,
         64,
         1,
         RunSettingsForm::tr("Sessions that copy and build indexes at the same time")},
        {"chunk_time_ms",
         RunSettingsForm::tr("&Time of a chunk"),
         RunSettingsForm::tr(" ms"),
         {},
         10,
         60'000,
         1,
         RunSettingsForm::tr("What one transaction of the copy should take; its size follows")},
        {"stall_budget_ms",
         RunSettingsForm::tr("Sta&ll budget"),
         RunSettingsForm::tr(" ms"),
         {},
         1,
         600'000,
         1,
         RunSettingsForm::tr("The longest that anybody may be made to wait by the swap")},
    };
}

QList<Shown> limitSettings()
{
    const QString unwatched = RunSettingsForm::tr("not watched");
    return {
        {"max_replica_lag_ms",
         RunSettingsForm::tr("&Replica lag above"),
         RunSettingsForm::tr(" s"),
         unwatched,
         -1,
         86'400,
         1000,
         {}},
        {"max_slot_lag_bytes",
         RunSettingsForm::tr("WAL kept by a &slot above"),
         RunSettingsForm::tr(" MB"),
         unwatched,
         -1,
         10'000'000,
         megabyte,
         {}},
        {"max_archive_lag_bytes",
         RunSettingsForm::tr("WAL not archi&ved above"),
         RunSettingsForm::tr(" MB"),
         unwatched,
         -1,
         10'000'000,
         megabyte,
         {}},
        {"max_wal_bytes_per_second",
         RunSettingsForm::tr("W&AL a second above"),
         RunSettingsForm::tr(" MB"),
         unwatched,
         -1,
         100'000,
         megabyte,
         {}},
        {"max_lock_waiters", RunSettingsForm::tr("Lock wa&iters above"), {}, unwatched, -1, 10'000, 1, {}},
        {"max_active_sessions", RunSettingsForm::tr("Active s&essions above"), {}, unwatched, -1, 10'000, 1, {}},
    };
}

QList<Shown> lockSettings()
{
    const QString never = RunSettingsForm::tr("never");
    return {
        {"lock_attempt_ms",
         RunSettingsForm::tr("An attem&pt waits"),
         RunSettingsForm::tr(" ms"),
         {},
         1,
         600'000,
         1,
         RunSettingsForm::tr("So long others may queue behind one attempt at a lock")},
        {"lock_give_up_ms",
         RunSettingsForm::tr("&Gives up after"),
         RunSettingsForm::tr(" s"),
         {},
         1,
         864'000,
         1000,
         {}},
        {"cancel_blockers_after_ms", RunSettingsForm::tr("&Cancels blockers after"), RunSettingsForm::tr(" s"), never,
         -1, 864'000, 1000, RunSettingsForm::tr("Cancels the statements of those who stand in the way")},
        {"terminate_blockers_after_ms", RunSettingsForm::tr("Ter&minates blockers after"), RunSettingsForm::tr(" s"),
         never, -1, 864'000, 1000, RunSettingsForm::tr("Closes the connections of those who stand in the way")},
    };
}

} // namespace

RunSettingsForm::RunSettingsForm(Extent extent, QWidget *parent)
    : QWidget(parent)
{
    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(spacing(this, 1));
    form->setHorizontalSpacing(spacing(this, 4));
    const auto addAll = [&](const QString &heading, const QList<Shown> &group) {
        if (!heading.isEmpty()) {
            auto *label = new QLabel(heading, this);
            label->setForegroundRole(QPalette::PlaceholderText);
            label->setContentsMargins(0, spacing(this, form->rowCount() > 0 ? 3 : 0), 0, 0);
            form->addRow(label);
        }
        for (const Shown &shown : group) {
            auto *box = new QSpinBox(this);
            box->setRange(shown.least, shown.most);
            box->setSuffix(shown.suffix);
            box->setSpecialValueText(shown.absent);
            box->setGroupSeparatorShown(true);
            box->setToolTip(shown.toolTip);
            box->setObjectName(QLatin1String(shown.key));
            box->setMinimumWidth(fontMetrics().averageCharWidth() * 18);
            box->setAccessibleName(QString(shown.label).remove(QLatin1Char('&')));
            form->addRow(shown.label, box);
            m_entries.push_back({QLatin1String(shown.key), shown.scale, !shown.absent.isEmpty(), box});
            connect(box, &QSpinBox::valueChanged, this, &RunSettingsForm::edited);
        }
    };
    addAll(extent == Extent::All ? tr("Work") : QString(), workSettings());
    if (extent == Extent::All) {
        addAll(tr("Holds back while the server has"), limitSettings());
        addAll(tr("Locks that others queue behind"), lockSettings());
    }
    setSettings({});
}

void RunSettingsForm::setSettings(const RunSettings &settings)
{
    m_given = settings;
    const QJsonObject json = settings.toJson();
    for (const Entry &entry : m_entries) {
        const QSignalBlocker quiet(entry.box);
        const QJsonValue value = json.value(entry.key);
        entry.box->setValue(value.isNull() ? entry.box->minimum()
                                           : static_cast<int>((value.toInteger() + entry.scale / 2) / entry.scale));
    }
}

RunSettings RunSettingsForm::settings() const
{
    QJsonObject json;
    for (const Entry &entry : m_entries) {
        const bool absent = entry.optional && entry.box->value() == entry.box->minimum();
        json.insert(entry.key, absent ? QJsonValue() : QJsonValue(qint64(entry.box->value()) * entry.scale));
    }
    return RunSettings::fromJson(json, m_given).value_or(m_given);
}

} // namespace tidemark::ui
