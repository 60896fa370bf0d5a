#include "sim/table.h"

namespace sagasim::sim {

TableBase::~TableBase() {
  for (Entry* entry : buckets_) {
    while (entry != nullptr) {
      Entry* next = entry->next;
      pool_.release(entry, sizeof(Entry) + type_.size);
      entry = next;
    }
  }
}

Entry* TableBase::find(RowKey key) const {
  Entry* entry = buckets_[bucket(key.first)];
  while (entry != nullptr && !(entry->key == key)) {
    entry = entry->next;
  }
  return entry;
}

Entry& TableBase::find_or_add(RowKey key) {
  if (Entry* entry = find(key)) {
    return *entry;
  }
  if (entries_ >= buckets_.size()) {
    grow();
  }
  void* memory = pool_.allocate(sizeof(Entry) + type_.size);
  Entry& entry = *new (memory) Entry{};
  entry.key = key;
  Entry*& head = buckets_[bucket(key.first)];
  entry.next = head;
  head = &entry;
  ++entries_;
  return entry;
}

void TableBase::tidy(Entry& entry) {
  if (entry.exists || entry.holder != nullptr || entry.waiting != nullptr) {
    return;
  }
  Entry** link = &buckets_[bucket(entry.key.first)];
  while (*link != &entry) {
    link = &(*link)->next;
  }
  *link = entry.next;
  --entries_;
  pool_.release(&entry, sizeof(Entry) + type_.size);
}

void TableBase::write(Entry& entry, const void* row, std::uint64_t writer) {
  if (!entry.exists) {
    entry.exists = true;
    ++rows_;
  }
  entry.writer = writer;
  entry.digest = type_.digest(row);
  std::memcpy(entry.row(), row, type_.size);
}

void TableBase::erase(Entry& entry, std::uint64_t writer) {
  if (entry.exists) {
    entry.exists = false;
    --rows_;
  }
  entry.writer = writer;
}

std::uint64_t TableBase::digest() const {
  std::uint64_t sum = 0;
  for_each([&](const Entry& entry) { sum += combine(entry.key.hash(), entry.digest); });
  return combine(name_.hash(), sum);
}

void TableBase::grow() {
  std::vector<Entry*> old(buckets_.size() * 2);
  old.swap(buckets_);
  for (Entry* entry : old) {
    while (entry != nullptr) {
      Entry* next = entry->next;
      Entry*& head = buckets_[bucket(entry->key.first)];
      entry->next = head;
      head = entry;
      entry = next;
    }
  }
}

}  // namespace sagasim::sim
