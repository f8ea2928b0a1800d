// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/storedsettings.h"

#include "core/base/log.h"

namespace tidemark::ui {

StoredSettings::StoredSettings(std::shared_ptr<LocalStore> store)
    : m_store(std::move(store))
    , m_values(m_store.texts())
{
    m_writer.setMaxThreadCount(1);
}

StoredSettings::~StoredSettings()
{
    m_writer.waitForDone();
}

void StoredSettings::setValue(const QString &key, const QString &value)
{
    QString &known = m_values[key];
    if (known == value && !known.isNull())
        return;
    known = value;
    const std::lock_guard lock(m_mutex);
    const bool isFirst = m_pending.isEmpty();
    m_pending.insert(key, value);
    // Who is writing takes what comes meanwhile along with the next write.
    if (isFirst)
        m_writer.start([this]() { keepPending(); });
}

void StoredSettings::keepPending()
{
    QHash<QString, QString> pending;
    {
        const std::lock_guard lock(m_mutex);
        pending.swap(m_pending);
    }
    if (const Status kept = m_store.setTexts(pending); !kept)
        qCWarning(logUi) << "cannot keep" << pending.keys() << kept.error().summary();
}

} // namespace tidemark::ui
